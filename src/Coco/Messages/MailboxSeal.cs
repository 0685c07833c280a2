using System.Buffers.Binary;
using Coco.Cluster;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Messages;

/// <summary>
/// A message as a mailbox keeps it: nobody but its receiver can read it, and nobody but its sender can have made it.
/// <code>
/// sealed = sealed box to the receiver of ( signature (64) ‖ content )
/// signature = Ed25519( the sender's; "coco mailbox v1" ‖ network (32) ‖ sender (32) ‖ receiver (32) ‖ lineage u64 ‖ content )
/// </code>
/// </summary>
internal static class MailboxSeal
{
    public const int Overhead = SealedBox.Overhead + IdentityKey.SignatureSize;

    private const int HeadSize = 15 + (3 * NodeId.Size) + sizeof(ulong);

    /// <summary>Null where the receiver's identity is no usable key.</summary>
    public static byte[]? TrySeal(IdentityKey sender, NetworkId network, NodeId receiver, ulong lineage, in MessageContent content)
    {
        var length = content.Length;
        var signed = new byte[HeadSize + length];
        WriteHead(signed, network, sender.Id, receiver, lineage);
        var writer = new SpanWriter(signed.AsSpan(HeadSize));
        content.Write(ref writer);
        var plain = new byte[IdentityKey.SignatureSize + length];
        sender.Sign(signed, plain.AsSpan(0, IdentityKey.SignatureSize));
        signed.AsSpan(HeadSize).CopyTo(plain.AsSpan(IdentityKey.SignatureSize));
        var box = new byte[plain.Length + SealedBox.Overhead];
        return SealedBox.TrySeal(receiver, plain, box) ? box : null;
    }

    /// <summary>The content's bytes; null where it is not for this receiver, or not of that sender.</summary>
    public static byte[]? TryOpen(IdentityKey receiver, NetworkId network, NodeId sender, ulong lineage, ReadOnlySpan<byte> box)
    {
        if (box.Length < Overhead) { return null; }
        var plain = new byte[box.Length - SealedBox.Overhead];
        if (!SealedBox.TryOpen(receiver, box, plain)) { return null; }
        var content = plain.AsSpan(IdentityKey.SignatureSize);
        var signed = new byte[HeadSize + content.Length];
        WriteHead(signed, network, sender, receiver.Id, lineage);
        content.CopyTo(signed.AsSpan(HeadSize));
        return sender.Verify(signed, plain.AsSpan(0, IdentityKey.SignatureSize)) ? content.ToArray() : null;
    }

    private static void WriteHead(Span<byte> head, NetworkId network, NodeId sender, NodeId receiver, ulong lineage)
    {
        "coco mailbox v1"u8.CopyTo(head);
        network.Key.CopyTo(head[15..]);
        sender.CopyTo(head[(15 + NodeId.Size)..]);
        receiver.CopyTo(head[(15 + (2 * NodeId.Size))..]);
        BinaryPrimitives.WriteUInt64BigEndian(head[(15 + (3 * NodeId.Size))..], lineage);
    }
}
