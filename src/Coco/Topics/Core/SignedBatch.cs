using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Topics.Core;

/// <summary>
/// Messages of one topic, one after the other, under one signature: what others than the publisher pass on or keep.
/// <code>
/// signed batch = body ‖ signature (64)
/// body         = kind u8 (2) ‖ flags u8 (1: the topic's value, 2: a will, 4: sealed) ‖ NodeId ‖ epoch u64 ‖ first sequence v ‖ hybrid time u64
///                ‖ length v ‖ topic ‖ count v ‖ count × ( length v ‖ data )
/// signature    = Ed25519( key of NodeId; "coco topics v1" ‖ network ‖ body )
/// </code>
/// The hybrid time is milliseconds since 1970 × 2^16 and a count. A value, or a will, is one message.
/// </summary>
internal sealed class SignedBatch
{
    private const byte Kind = 2;
    private const int SignatureLength = IdentityKey.SignatureSize;

    private readonly int _messages; // where they begin

    private SignedBatch(BatchFlags flags, NodeId publisher, ulong epoch, ulong first, ulong time, string topic, int count, int messages, byte[] bytes)
    {
        (Flags, Publisher, Epoch, First, Time, Topic, Count) = (flags, publisher, epoch, first, time, topic, count);
        (_messages, Bytes) = (messages, bytes);
    }

    public BatchFlags Flags { get; }

    public NodeId Publisher { get; }

    public ulong Epoch { get; }

    public ulong First { get; }

    /// <summary>The number behind the last.</summary>
    public ulong Next => First + (ulong)Count;

    public ulong Time { get; }

    public string Topic { get; }

    public int Count { get; }

    public byte[] Bytes { get; }

    /// <summary>As subscribers are told.</summary>
    public MessageTime Published => new((long)(Time >> 16), IsValue ? Time : 0);

    public bool IsValue => (Flags & BatchFlags.Value) != 0;

    public bool IsWill => (Flags & BatchFlags.Will) != 0;

    /// <summary>The messages.</summary>
    public SpanReader Messages => new(Bytes.AsSpan(_messages, Bytes.Length - SignatureLength - _messages));

    /// <summary>The data of the one message.</summary>
    public ReadOnlySpan<byte> Data
    {
        get
        {
            var reader = Messages;
            return reader.TryReadVarIntBytes(out var data) ? data : default;
        }
    }

    public static SignedBatch Create(BatchFlags flags, NodeId publisher, ulong epoch, ulong first, ulong time, string topic, int count, ReadOnlySpan<byte> messages, ITopicSeal seal)
    {
        var outbox = new Outbox();
        outbox.AppendByte(Kind);
        outbox.AppendByte((byte)flags);
        outbox.AppendNode(publisher);
        outbox.AppendUInt64(epoch);
        outbox.AppendVarInt(first);
        outbox.AppendUInt64(time);
        outbox.AppendText(topic);
        outbox.AppendVarInt((ulong)count);
        var begin = outbox.Length;
        outbox.AppendBytes(messages);
        return new(flags, publisher, epoch, first, time, topic, count, begin, outbox.TakeSigned(seal));
    }

    /// <summary>A batch of one message.</summary>
    public static SignedBatch CreateOne(BatchFlags flags, NodeId publisher, ulong epoch, ulong sequence, ulong time, string topic, ReadOnlySpan<byte> data, ITopicSeal seal)
    {
        var message = new byte[VarInt.MaxLength + data.Length];
        var header = VarInt.Write(message, (ulong)data.Length);
        data.CopyTo(message.AsSpan(header));
        return Create(flags, publisher, epoch, sequence, time, topic, 1, message.AsSpan(0, header + data.Length), seal);
    }

    /// <summary>Reads a batch, whoever signed it; <see cref="IsSigned"/> comes after.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, TopicOptions options, [NotNullWhen(true)] out SignedBatch? batch)
    {
        batch = null;
        if (bytes.Length <= SignatureLength) { return false; }
        var reader = new SpanReader(bytes[..^SignatureLength]);
        if (!reader.TryReadByte(out var kind) || kind != Kind || !reader.TryReadByte(out var flags)) { return false; }
        if (!reader.TryReadBytes(NodeId.Size, out var publisher) || !reader.TryReadUInt64(out var epoch)) { return false; }
        if (!reader.TryReadVarInt(out var first) || !reader.TryReadUInt64(out var time)) { return false; }
        if (!reader.TryReadText(options.MaxTopicLength, out var topic) || !TopicName.IsValid(topic)) { return false; }
        if (!reader.TryReadVarInt(out var count) || count == 0 || count > (ulong)reader.RemainingLength) { return false; }
        if (count > 1 && (flags & (byte)(BatchFlags.Value | BatchFlags.Will)) != 0) { return false; }
        var begin = reader.Position;
        for (var i = 0ul; i < count; i++)
        {
            if (!reader.TryReadVarIntBytes(out var data) || data.Length > options.MaxSealedLength) { return false; }
        }
        batch = new((BatchFlags)flags, NodeId.Read(publisher), epoch, first, time, topic, (int)count, begin, bytes.ToArray());
        return reader.IsEmpty;
    }

    public bool IsSigned(ITopicSeal seal) => seal.Verify(Publisher, Bytes.AsSpan(0, Bytes.Length - SignatureLength), Bytes.AsSpan(Bytes.Length - SignatureLength));
}
