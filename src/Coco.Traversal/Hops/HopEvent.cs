using Coco.Crypto;
using Coco.Traversal.Links;

namespace Coco.Traversal.Hops;

/// <summary>What has happened to a session that begins or ends at one of our nodes.</summary>
internal abstract record HopEvent(NodeId Self, NodeId Far)
{
    /// <summary>There is a way: one that we asked for, or that somebody has opened to us.</summary>
    public sealed record Opened(NodeId Self, NodeId Far, PathAddress Way) : HopEvent(Self, Far);

    /// <summary>There will be none by that neighbour, for now.</summary>
    public sealed record Refused(NodeId Self, NodeId Far, NodeId Neighbour, HopRefusal Reason) : HopEvent(Self, Far);

    /// <summary>A way is gone.</summary>
    public sealed record Closed(NodeId Self, NodeId Far, PathAddress Way, NodeId Neighbour, HopCloseReason Reason) : HopEvent(Self, Far);
}
