using System.Buffers;

namespace Coco.Mqtt.Packets;

/// <summary>
/// <code>
/// type (4) and flags (4) u8 | length of the rest (variable integer) | body
/// </code>
/// MQTT 5.0, 2.1.
/// </summary>
internal static class PacketCodec
{
    private const int MaxHeader = 5;

    /// <summary>Cuts a packet off the front, where it is whole.</summary>
    /// <param name="input">What came; without the packet afterwards.</param>
    /// <param name="maxSize">Longest packet, header included.</param>
    /// <param name="first">Its first byte; known as soon as there is one.</param>
    /// <param name="body">What follows the header.</param>
    public static FrameStatus TryCut(ref ReadOnlySequence<byte> input, int maxSize, out byte first, out ReadOnlySequence<byte> body)
    {
        (first, body) = (0, default);
        Span<byte> start = stackalloc byte[MaxHeader];
        var count = (int)Math.Min(input.Length, MaxHeader);
        input.Slice(0, count).CopyTo(start);
        if (count == 0) { return FrameStatus.Incomplete; }
        first = start[0];
        // [MQTT-2.1.3-1]: what is wrong at the first byte need not be waited for.
        if (!AreFlagsValid(first)) { return FrameStatus.Malformed; }
        var lengthSize = VariableInteger.Read(start[1..count], out var length);
        if (lengthSize < 0) { return FrameStatus.Malformed; }
        if (lengthSize == 0) { return FrameStatus.Incomplete; }
        var header = 1 + lengthSize;
        if (header + length > maxSize) { return FrameStatus.TooLarge; }
        if (input.Length < header + length) { return FrameStatus.Incomplete; }
        body = input.Slice(header, length);
        input = input.Slice(header + length);
        return FrameStatus.Whole;
    }

    /// <summary>Reads a packet that was cut off. Null where it breaks the protocol, as <paramref name="error"/> says.</summary>
    public static MqttPacket? Read(byte first, ReadOnlySpan<byte> body, ProtocolVersion version, out ReasonCode error)
    {
        MqttPacket? packet = null;
        error = ReasonCode.MalformedPacket;
        if (!AreFlagsValid(first)) { return null; }
        var reader = new PacketReader(body);
        var type = (PacketType)(first >> 4);
        error = type switch
        {
            PacketType.Connect => As(ConnectPacket.Read(reader, out var connect), connect, out packet),
            PacketType.Connack => As(ConnackPacket.Read(reader, version, out var connack), connack, out packet),
            PacketType.Publish => As(PublishPacket.Read(reader, (byte)(first & 0x0F), version, out var publish), publish, out packet),
            PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp => As(AckPacket.Read(reader, type, version, out var ack), ack, out packet),
            PacketType.Subscribe => As(SubscribePacket.Read(reader, version, out var subscribe), subscribe, out packet),
            PacketType.Unsubscribe => As(UnsubscribePacket.Read(reader, version, out var unsubscribe), unsubscribe, out packet),
            PacketType.Suback or PacketType.Unsuback => As(SubackPacket.Read(reader, type, version, out var suback), suback, out packet),
            PacketType.Pingreq => As(body.IsEmpty ? ReasonCode.Success : ReasonCode.MalformedPacket, PingPacket.Request, out packet),
            PacketType.Pingresp => As(body.IsEmpty ? ReasonCode.Success : ReasonCode.MalformedPacket, PingPacket.Response, out packet),
            PacketType.Auth when version is not ProtocolVersion.V5 => ReasonCode.MalformedPacket,
            PacketType.Disconnect or PacketType.Auth => As(ReasonPacket.Read(reader, type, version, out var reason), reason, out packet),
            _ => ReasonCode.MalformedPacket,
        };
        return error is ReasonCode.Success ? packet : null;
    }

    /// <summary>How many bytes the packet takes.</summary>
    public static int Measure(MqttPacket packet, ProtocolVersion version)
    {
        var body = MeasureBody(packet, version);
        return 1 + VariableInteger.SizeOf(body) + body;
    }

    public static void Write(IBufferWriter<byte> output, MqttPacket packet, ProtocolVersion version)
    {
        var body = MeasureBody(packet, version);
        var size = 1 + VariableInteger.SizeOf(body) + body;
        var writer = PacketWriter.To(output.GetSpan(size)[..size]);
        writer.Byte((byte)(((int)packet.Type << 4) | packet.Flags));
        writer.VariableInteger(body);
        packet.WriteBody(ref writer, version);
        output.Advance(size);
    }

    private static int MeasureBody(MqttPacket packet, ProtocolVersion version)
    {
        var counting = PacketWriter.Counting();
        packet.WriteBody(ref counting, version);
        return counting.Length;
    }

    private static ReasonCode As(ReasonCode error, MqttPacket? read, out MqttPacket? packet)
    {
        packet = read;
        return error;
    }

    private static bool AreFlagsValid(byte first) => (PacketType)(first >> 4) switch
    {
        0 => false,
        PacketType.Publish => true,
        PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe => (first & 0x0F) == 2,
        _ => (first & 0x0F) == 0,
    };
}
