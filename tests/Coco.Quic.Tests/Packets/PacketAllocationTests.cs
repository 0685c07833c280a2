using Coco.Crypto;
using Coco.Quic.Frames;
using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Packets;

public sealed class PacketAllocationTests
{
    [Fact]
    public void Sealing_opening_and_reading_a_packet_allocates_nothing()
    {
        var protection = PacketProtection.Create();
        var keys = PacketKeys.Derive(new byte[32], AeadKind.ChaCha20Poly1305);
        var id = ConnectionId.Generate(new SeededRandomSource(5), 8);
        var packet = new byte[1200];
        Exchange(protection, keys, id, packet, 0);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var frames = 0;
        for (ulong number = 1; number <= 1000; number++) { frames += Exchange(protection, keys, id, packet, number); }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal((3000, 0L), (frames, allocated));
    }

    private static int Exchange(PacketProtection protection, PacketKeys keys, ConnectionId id, byte[] packet, ulong number)
    {
        var offset = HeaderWriter.WriteShort(packet, id, spin: false, keyPhase: false, packetNumberLength: 2);
        PacketNumber.Write(packet.AsSpan(offset), number, 2);
        var room = packet.AsSpan((offset + 2)..^PacketProtection.TagLength);
        var used = FrameWriter.WriteAck(room, [new(number + 10, number + 20), new(number, number + 5)], 7, new(1, 2, 3));
        used += FrameWriter.WriteMaxData(room[used..], 1 << 20);
        FrameWriter.TryWriteStreamHeader(room[used..], 4, number * 1000, 5000, fin: true, out _, out _);
        protection.Seal(keys, number, packet, offset, 2);

        var packets = new CoalescedPackets(packet, 8);
        var frames = 0;
        while (packets.TryRead(out var header, out var start))
        {
            var received = packet.AsSpan(start, header.PacketLength);
            protection.TryRemoveHeaderProtection(keys, received, header.PacketNumberOffset, out var truncated, out var length);
            var decoded = PacketNumber.Decode((long)number - 1, truncated, 8 * length);
            if (!protection.TryOpen(keys, decoded, received, header.PacketNumberOffset + length, out var payload)) { return 0; }

            var reader = new FrameReader(payload, header.Level, isFromServer: false);
            while (reader.TryRead(out var frame))
            {
                frames++;
                if (frame.Type != FrameType.AckEcn) { continue; }
                var ranges = frame.AckRanges;
                while (ranges.TryRead(out _)) { }
            }
        }
        return frames;
    }
}
