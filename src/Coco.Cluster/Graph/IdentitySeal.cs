using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Graph;

/// <summary>Ed25519 over "coco advertisement v1", the network and the body: good for nothing else and in no other network.</summary>
internal sealed class IdentitySeal(NetworkId network, IdentityKey key) : IAdvertisementSeal
{
    private static ReadOnlySpan<byte> Domain => "coco advertisement v1"u8;

    public void Sign(ReadOnlySpan<byte> body, Span<byte> signature) =>
        key.Sign(Signed(body, stackalloc byte[Domain.Length + NetworkId.Size + Advertisement.MaxLength]), signature);

    public bool Verify(NodeId node, ReadOnlySpan<byte> body, ReadOnlySpan<byte> signature) =>
        node.VerifyRemembered(Signed(body, stackalloc byte[Domain.Length + NetworkId.Size + Advertisement.MaxLength]), signature);

    private ReadOnlySpan<byte> Signed(ReadOnlySpan<byte> body, Span<byte> buffer)
    {
        var writer = new SpanWriter(buffer);
        writer.WriteBytes(Domain);
        network.Key.CopyTo(writer.Reserve(NetworkId.Size));
        writer.WriteBytes(body);
        return buffer[..writer.Position];
    }
}
