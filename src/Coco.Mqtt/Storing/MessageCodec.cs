using System.Buffers;
using System.Buffers.Binary;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Storing;

/// <summary>
/// A message as it stands in the store and goes between edges.
/// <code>
/// expires at i64 (microseconds since 1970; 0: never) | publisher (text; empty: none) | PUBLISH of MQTT 5.0, packet identifier 1
/// </code>
/// Integers are big endian; a text is a u16 length and UTF-8, as MQTT has it.
/// </summary>
internal static class MessageCodec
{
    private const int MaxSize = 32 << 20;

    public static void Write(IBufferWriter<byte> output, Message message)
    {
        var publisher = message.Publisher ?? "";
        var counting = PacketWriter.Counting();
        counting.Text(publisher);
        var writer = PacketWriter.To(output.GetSpan(8 + counting.Length));
        var expiry = (message.ExpiresAt ?? TimeSpan.Zero).Ticks / TimeSpan.TicksPerMicrosecond;
        writer.UInt32((uint)(expiry >> 32));
        writer.UInt32((uint)expiry);
        writer.Text(publisher);
        output.Advance(writer.Length);
        PacketCodec.Write(
            output,
            new PublishPacket
            {
                Topic = message.Topic, Payload = message.Payload, Qos = message.Qos, IsRetained = message.IsRetained,
                PacketId = message.Qos is Qos.AtMostOnce ? (ushort)0 : (ushort)1, Properties = message.Properties,
            },
            ProtocolVersion.V5);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null for anything else.</summary>
    public static Message? Read(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> id = default)
    {
        if (bytes.Length < 8) { return null; }
        var expiry = BinaryPrimitives.ReadInt64BigEndian(bytes.Span);
        var reader = new PacketReader(bytes.Span[8..]);
        var publisher = reader.Text();
        if (reader.IsBroken || expiry < 0 || expiry > TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond) { return null; }
        var input = new ReadOnlySequence<byte>(bytes[^reader.Remaining..]);
        if (PacketCodec.TryCut(ref input, MaxSize, out var first, out var body) is not FrameStatus.Whole || !input.IsEmpty) { return null; }
        if (PacketCodec.Read(first, body.FirstSpan, ProtocolVersion.V5, out _) is not PublishPacket { Topic.Length: > 0 } packet) { return null; }
        return new()
        {
            Id = id, Topic = packet.Topic, Payload = packet.Payload, Qos = packet.Qos, IsRetained = packet.IsRetained, Properties = packet.Properties,
            Publisher = publisher.Length == 0 ? null : publisher, ExpiresAt = expiry == 0 ? null : TimeSpan.FromMicroseconds(expiry),
        };
    }
}
