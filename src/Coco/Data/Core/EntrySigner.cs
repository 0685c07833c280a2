using Coco.Cluster;
using Coco.Crypto;

namespace Coco.Data.Core;

/// <summary>Signatures that hold for entries of one collection of one network, and for nothing else.</summary>
internal sealed class EntrySigner(NetworkId network, IdentityKey key) : IEntrySigner
{
    private static ReadOnlySpan<byte> Label => "coco store v1"u8;

    public void Sign(Digest collection, ReadOnlySpan<byte> body, Span<byte> signature) => key.Sign(With(collection, body), signature);

    public bool Verify(NodeId writer, Digest collection, ReadOnlySpan<byte> body, ReadOnlySpan<byte> signature) => writer.Verify(With(collection, body), signature);

    private byte[] With(Digest collection, ReadOnlySpan<byte> body)
    {
        var bytes = new byte[Label.Length + NodeId.Size + Digest.Size + body.Length];
        Label.CopyTo(bytes);
        network.Key.CopyTo(bytes.AsSpan(Label.Length));
        collection.CopyTo(bytes.AsSpan(Label.Length + NodeId.Size));
        body.CopyTo(bytes.AsSpan(Label.Length + NodeId.Size + Digest.Size));
        return bytes;
    }
}
