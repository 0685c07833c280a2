using System.Text;
using Coco.Cluster;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Media;

/// <summary>
/// What a producer signs, so that nodes that pass its stream on can neither change nor invent anything:
/// <code>
/// Ed25519( producer; "coco media v1" ‖ network ‖ epoch u64 ‖ track v ‖ group v ‖ objects so far v ‖ sequence of the next v ‖ chain (32) ‖ name )
/// </code>
/// One covers all objects of its group up to there; of those that were left out on the way the hash comes instead.
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="Count">How many objects from its beginning are covered.</param>
/// <param name="Bytes">The signature.</param>
internal sealed record LiveSignature(long Group, long Count, byte[] Bytes)
{
    public static byte[] Sign(IdentityKey key, StreamScope scope, int track, LiveObject last)
    {
        var signature = new byte[IdentityKey.SignatureSize];
        key.Sign(Message(scope, track, last.Place.Group, last.Place.Index + 1, last.Place.Sequence + 1, last.ChainAfter), signature);
        return signature;
    }

    /// <summary>Whether the producer vouches for the objects before one that stands at a place.</summary>
    public static bool Verify(StreamScope scope, int track, in ObjectPlace next, ReadOnlySpan<byte> signature) =>
        scope.Producer.Verify(Message(scope, track, next.Group, next.Index, next.Sequence, next.Chain), signature);

    private static byte[] Message(StreamScope scope, int track, long group, long count, long sequence, ReadOnlySpan<byte> chain)
    {
        var name = Encoding.ASCII.GetBytes(scope.Name);
        var bytes = new byte[13 + NetworkId.Size + sizeof(ulong) + (4 * VarInt.MaxLength) + LiveObject.HashSize + name.Length];
        var writer = new SpanWriter(bytes);
        writer.WriteBytes("coco media v1"u8);
        scope.Network.Key.CopyTo(writer.Reserve(NetworkId.Size));
        writer.WriteUInt64(scope.Epoch);
        writer.WriteVarInt((ulong)track);
        writer.WriteVarInt((ulong)group);
        writer.WriteVarInt((ulong)count);
        writer.WriteVarInt((ulong)sequence);
        writer.WriteBytes(chain);
        writer.WriteBytes(name);
        return bytes[..writer.Position];
    }
}
