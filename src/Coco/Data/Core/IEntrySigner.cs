using Coco.Crypto;

namespace Coco.Data.Core;

/// <summary>Signs entries of this node's, and checks those of others.</summary>
internal interface IEntrySigner
{
    public void Sign(Digest collection, ReadOnlySpan<byte> body, Span<byte> signature);

    public bool Verify(NodeId writer, Digest collection, ReadOnlySpan<byte> body, ReadOnlySpan<byte> signature);
}
