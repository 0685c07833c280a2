using Coco.Traversal.Links;

namespace Coco.Transport.Tests.Links;

/// <summary>What a <see cref="RecordingSink"/> was told.</summary>
internal abstract record LinkEvent
{
    public sealed record Opened(int Request, Link Link) : LinkEvent;

    public sealed record Failed(int Request, LinkFailure Failure, string Detail) : LinkEvent;

    public sealed record Accepted(Link Link) : LinkEvent;

    public sealed record Received(Link Link, byte[] Datagram) : LinkEvent;

    public sealed record Closed(Link Link, LinkFailure Reason, string Detail) : LinkEvent;
}
