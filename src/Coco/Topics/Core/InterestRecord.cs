using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Topics.Core;

/// <summary>
/// What a node subscribes to, signed by it, so that others can pass it on. The record of the greatest version counts.
/// <code>
/// record    = body ‖ signature (64)
/// body      = kind u8 (1) ‖ NodeId ‖ version u64 ‖ flags u8 (1: the node leaves)
///             ‖ count v ‖ count × ( length v ‖ filter ‖ messages of history v ‖ seconds of history v )
/// signature = Ed25519( key of NodeId; "coco topics v1" ‖ network ‖ body )
/// </code>
/// </summary>
internal sealed record InterestRecord(NodeId Node, ulong Version, bool IsLeaving, IReadOnlyList<Interest> Interests, byte[] Bytes)
{
    private const byte Kind = 1;
    private const int SignatureLength = IdentityKey.SignatureSize;

    /// <summary>First bytes of the node's identity.</summary>
    public ulong Tag { get; } = TagOf(Node);

    /// <summary>This record's part of the sum.</summary>
    public ulong Part { get; } = Mix(TagOf(Node) ^ Mix(Version));

    public static ulong TagOf(NodeId node)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        node.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    public static InterestRecord Create(NodeId self, ulong version, bool isLeaving, IReadOnlyList<Interest> interests, ITopicSeal seal)
    {
        var outbox = new Outbox();
        outbox.AppendByte(Kind);
        outbox.AppendNode(self);
        outbox.AppendUInt64(version);
        outbox.AppendByte(isLeaving ? (byte)1 : (byte)0);
        outbox.AppendVarInt((ulong)interests.Count);
        foreach (var interest in interests)
        {
            outbox.AppendText(interest.Filter);
            outbox.AppendVarInt(interest.HistoryCount);
            outbox.AppendVarInt(interest.HistorySeconds);
        }
        return new(self, version, isLeaving, interests, outbox.TakeSigned(seal));
    }

    /// <summary>Reads a record, whoever signed it; <see cref="IsSigned"/> comes after.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, TopicOptions options, [NotNullWhen(true)] out InterestRecord? record)
    {
        record = null;
        if (bytes.Length <= SignatureLength) { return false; }
        var reader = new SpanReader(bytes[..^SignatureLength]);
        if (!reader.TryReadByte(out var kind) || kind != Kind || !reader.TryReadBytes(NodeId.Size, out var node)) { return false; }
        if (!reader.TryReadUInt64(out var version) || !reader.TryReadByte(out var flags) || !reader.TryReadVarInt(out var count)) { return false; }
        if (count > (ulong)options.MaxFilters || count > (ulong)reader.RemainingLength) { return false; }
        var interests = new Interest[(int)count];
        for (var i = 0; i < interests.Length; i++)
        {
            if (!reader.TryReadText(options.MaxTopicLength, out var filter) || !TopicFilter.IsValid(filter)) { return false; }
            if (!reader.TryReadVarInt(out var messages) || !reader.TryReadVarInt(out var seconds)) { return false; }
            interests[i] = new(filter, messages, seconds);
        }
        record = new(NodeId.Read(node), version, (flags & 1) != 0, interests, bytes.ToArray());
        return true;
    }

    public bool IsSigned(ITopicSeal seal) => seal.Verify(Node, Bytes.AsSpan(0, Bytes.Length - SignatureLength), Bytes.AsSpan(Bytes.Length - SignatureLength));

    // SplitMix64's finaliser.
    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
