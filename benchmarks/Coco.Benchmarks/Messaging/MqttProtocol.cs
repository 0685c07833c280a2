using System.Buffers.Binary;
using System.Text;

namespace Coco.Benchmarks.Messaging;

/// <summary>MQTT 3.1.1 at QoS 0, or at QoS 1 in sessions that the server keeps.</summary>
internal sealed class MqttProtocol(bool isAcknowledged) : IRawProtocol
{
    private const byte Connect1 = 0x10, Accepted = 0x20, PublishQos0 = 0x30, PublishQos1 = 0x32, PublishAcknowledged = 0x40, Subscribe1 = 0x82, Subscribed = 0x90;

    private static readonly byte[] Topic = Encoding.ASCII.GetBytes(Payload.Topic);

    public bool IsAcknowledged => isAcknowledged;

    public RawConnection Connect(int port, string name)
    {
        var connection = new RawConnection(port);
        var clean = (byte)(isAcknowledged ? 0 : 2);
        connection.Send(Packet(Connect1, [.. Text("MQTT"), 4, clean, 0, 0, .. Text(name)]));
        Await(connection, Accepted);
        return connection;
    }

    public void Subscribe(RawConnection connection, int number)
    {
        connection.Send(Packet(Subscribe1, [0, 1, .. Text(Payload.Topic), (byte)(isAcknowledged ? 1 : 0)]));
        Await(connection, Subscribed);
    }

    public byte[] Frame(ReadOnlySpan<byte> payload, string name, out int payloadAt)
    {
        var frame = isAcknowledged
            ? Packet(PublishQos1, [.. Text(Payload.Topic), 0, 1, .. payload])
            : Packet(PublishQos0, [.. Text(Payload.Topic), .. payload]);
        payloadAt = frame.Length - payload.Length;
        return frame;
    }

    public void Number(Span<byte> frame, long sequence)
    {
        if (isAcknowledged) { BinaryPrimitives.WriteUInt16BigEndian(frame[^(Payload.Length + 2)..], (ushort)(1 + (sequence % ushort.MaxValue))); }
    }

    public int Read(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> payload, out bool isAcknowledgement, List<byte> answers)
    {
        payload = default;
        isAcknowledgement = false;
        if (bytes.Length < 2) { return 0; }
        // §2.2.3: seven bits a byte; nothing here needs more than two.
        var (header, length) = (2, bytes[1] & 0x7F);
        if ((bytes[1] & 0x80) != 0)
        {
            if (bytes.Length < 3) { return 0; }
            (header, length) = (3, length | (bytes[2] << 7));
        }
        if (bytes.Length < header + length) { return 0; }
        var body = bytes.Slice(header, length);
        isAcknowledgement = bytes[0] == PublishAcknowledged;
        if ((bytes[0] & 0xF0) == PublishQos0)
        {
            payload = body[^Payload.Length..];
            if ((bytes[0] & 6) != 0) { answers.AddRange([PublishAcknowledged, 2, body[2 + Topic.Length], body[3 + Topic.Length]]); }
        }
        return header + length;
    }

    private static void Await(RawConnection connection, byte type)
    {
        while (connection.Received.Length < 2 || connection.Received.Length < 2 + connection.Received[1])
        {
            if (!connection.Receive()) { throw new InvalidOperationException("mosquitto has closed the connection"); }
        }
        var answer = connection.Received;
        if (answer[0] != type || answer[^1] > 2) { throw new InvalidOperationException($"mosquitto refuses: {Convert.ToHexString(answer)}"); }
        connection.Take(2 + answer[1]);
    }

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Packet(byte type, byte[] body) => body.Length < 128 ? [type, (byte)body.Length, .. body] : [type, (byte)(body.Length | 0x80), (byte)(body.Length >> 7), .. body];
}
