using System.Buffers.Binary;
using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Mesh;

/// <summary>A keyed checksum in place of a signature, so that thousands of nodes are simulated in seconds.</summary>
internal sealed class CheapSeal(NodeId self) : IAdvertisementSeal
{
    public void Sign(ReadOnlySpan<byte> body, Span<byte> signature) => Fill(self, body, signature);

    public bool Verify(NodeId node, ReadOnlySpan<byte> body, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[IdentityKey.SignatureSize];
        Fill(node, body, expected);
        return signature.SequenceEqual(expected);
    }

    private static void Fill(NodeId node, ReadOnlySpan<byte> body, Span<byte> signature)
    {
        var state = NodeTag.Of(node).Value;
        for (; body.Length >= 8; body = body[8..]) { state = Rings.Mix(state ^ BinaryPrimitives.ReadUInt64LittleEndian(body)); }
        foreach (var one in body) { state = Rings.Mix(state ^ one); }
        for (; signature.Length >= 8; signature = signature[8..])
        {
            state = Rings.Mix(state + 1);
            BinaryPrimitives.WriteUInt64LittleEndian(signature, state);
        }
    }
}
