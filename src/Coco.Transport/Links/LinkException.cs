using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>A link cannot be opened or go on; it never leaves this folder.</summary>
internal sealed class LinkException(LinkFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public LinkFailure Failure { get; } = failure;
}
