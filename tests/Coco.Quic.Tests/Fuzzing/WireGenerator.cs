using Coco.Quic.Frames;
using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Fuzzing;

/// <summary>Draws valid payloads and datagrams, as seeds for the mutator.</summary>
internal static class WireGenerator
{
    public static byte[] Payload(FuzzRandom random)
    {
        Span<byte> buffer = stackalloc byte[1400];
        var length = 0;
        for (var frames = random.Next(1, 6); frames > 0; frames--) { length += WriteFrame(random, buffer[length..]); }
        return buffer[..length].ToArray();
    }

    public static byte[] Datagram(FuzzRandom random)
    {
        var destination = ConnectionId.Generate(random.Source, 8);
        var source = ConnectionId.Generate(random.Source, random.Next(0, 20));
        Span<byte> buffer = stackalloc byte[1500];
        var length = 0;
        for (var packets = random.Next(1, 3); packets > 0; packets--)
        {
            length += WritePacket(random, buffer[length..], destination, source);
        }
        return buffer[..length].ToArray();
    }

    private static int WritePacket(FuzzRandom random, Span<byte> buffer, ConnectionId destination, ConnectionId source)
    {
        var type = (PacketType)random.Next(5);
        var payload = random.Bytes(random.Next(20, 200));
        if (type == PacketType.Retry)
        {
            var writer = new SpanWriter(buffer);
            writer.WriteByte(0xF0);
            HeaderWriter.WriteVersionAndConnectionIds(ref writer, random.Chance(4) ? 0 : QuicVersion.V1, destination.Span, source.Span);
            writer.WriteBytes(payload);
            return writer.Position;
        }

        var token = type == PacketType.Initial ? random.Bytes(random.Next(80)) : [];
        var offset = type == PacketType.OneRtt
            ? HeaderWriter.WriteShort(buffer, destination, random.Chance(2), random.Chance(2), 2)
            : HeaderWriter.WriteLong(buffer, type, destination, source, token, 2);
        if (type != PacketType.OneRtt) { HeaderWriter.WriteLength(buffer, offset, payload.Length); }
        payload.CopyTo(buffer[offset..]);
        return offset + payload.Length;
    }

    private static int WriteFrame(FuzzRandom random, Span<byte> buffer)
    {
        ulong a = random.NextVarInt(), b = random.NextVarInt(), c = random.NextVarInt();
        var bytes = random.Bytes(random.Next(1, 60));
        switch (random.Next(18))
        {
            case 0: return FrameWriter.WritePadding(buffer[..random.Next(1, 100)]);
            case 1: return FrameWriter.WritePing(buffer);
            case 2: return FrameWriter.WriteAck(buffer, [new(a, a)], b, random.Chance(2) ? new(a, b, c) : null);
            case 3: return WriteManyRanges(random, buffer);
            case 4: return FrameWriter.WriteResetStream(buffer, a, b, c);
            case 5: return FrameWriter.WriteStopSending(buffer, a, b);
            case 6: return FrameWriter.WriteNewToken(buffer, bytes);
            case 7: return FrameWriter.WriteMaxData(buffer, a);
            case 8: return FrameWriter.WriteMaxStreamData(buffer, a, b);
            case 9: return FrameWriter.WriteMaxStreams(buffer, random.Chance(2), a >> 2);
            case 10: return FrameWriter.WriteNewConnectionId(buffer, a, a >> 1, new(bytes.AsSpan(0, Math.Min(20, bytes.Length))), default);
            case 11: return FrameWriter.WriteRetireConnectionId(buffer, a);
            case 12: return FrameWriter.WritePathChallenge(buffer, random.Next64());
            case 13: return FrameWriter.WriteConnectionClose(buffer, a, (FrameType)b, bytes);
            case 14: return FrameWriter.WriteAckFrequency(buffer, a, b, c, a);
            case 15: return FrameWriter.TryWriteDatagram(buffer, bytes, out var datagram) ? datagram : 0;
            case 16: return WriteWithData(bytes, buffer, FrameWriter.TryWriteCryptoHeader(buffer, a >> 1, bytes.Length, out var h1, out _), h1);
            default:
                return WriteWithData(
                    bytes, buffer, FrameWriter.TryWriteStreamHeader(buffer, a, b >> 1, bytes.Length, random.Chance(2), out var h2, out _), h2);
        }
    }

    private static int WriteManyRanges(FuzzRandom random, Span<byte> buffer)
    {
        var ranges = new PacketNumberRange[random.Next(1, 30)];
        var next = 1_000_000UL + (random.NextVarInt() >> 3);
        for (var i = 0; i < ranges.Length; i++)
        {
            var smallest = next - (ulong)random.Next(1000);
            ranges[i] = new(smallest, next);
            next = smallest - 2 - (ulong)random.Next(1000);
        }
        return FrameWriter.WriteAck(buffer, ranges, random.NextVarInt(), null);
    }

    private static int WriteWithData(byte[] bytes, Span<byte> buffer, bool fits, int headerLength)
    {
        if (!fits) { return 0; }
        bytes.CopyTo(buffer[headerLength..]);
        return headerLength + bytes.Length;
    }
}
