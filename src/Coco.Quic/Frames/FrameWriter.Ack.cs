using System.Diagnostics;
using Coco.Quic.Packets;

namespace Coco.Quic.Frames;

/// <summary>ACK frames (RFC 9000 §19.3).</summary>
internal static partial class FrameWriter
{
    /// <summary>
    /// Writes an ACK of as many ranges as fit, the highest first, and returns its length; zero when not even one fits.
    /// </summary>
    /// <param name="destination">The room there is.</param>
    /// <param name="ranges">From the highest down, at least one, with a gap of one packet or more between any two.</param>
    /// <param name="ackDelay">Already scaled by our ack_delay_exponent.</param>
    /// <param name="ecn">The counts to report, or null for an ACK without.</param>
    public static int WriteAck(
        Span<byte> destination, ReadOnlySpan<PacketNumberRange> ranges, ulong ackDelay, EcnCounts? ecn)
    {
        var first = ranges[0];
        var counts = ecn.GetValueOrDefault();
        var fixedLength = 1 + VarInt.Length(first.Largest) + VarInt.Length(ackDelay)
            + VarInt.Length(first.Largest - first.Smallest)
            + (ecn is null ? 0 : VarInt.Length(counts.Ect0) + VarInt.Length(counts.Ect1) + VarInt.Length(counts.Ce));
        if (!TryFitRanges(ranges, destination.Length - fixedLength, out var count)) { return 0; }

        var writer = Begin(destination, ecn is null ? FrameType.Ack : FrameType.AckEcn);
        writer.WriteVarInt(first.Largest);
        writer.WriteVarInt(ackDelay);
        writer.WriteVarInt((ulong)count);
        writer.WriteVarInt(first.Largest - first.Smallest);
        for (var i = 1; i <= count; i++)
        {
            writer.WriteVarInt(Gap(ranges, i));
            writer.WriteVarInt(ranges[i].Largest - ranges[i].Smallest);
        }
        if (ecn is not null)
        {
            writer.WriteVarInt(counts.Ect0);
            writer.WriteVarInt(counts.Ect1);
            writer.WriteVarInt(counts.Ce);
        }
        return writer.Position;
    }

    // How many ranges after the first fit, together with their count.
    private static bool TryFitRanges(ReadOnlySpan<PacketNumberRange> ranges, int room, out int count)
    {
        count = 0;
        if (room < 1) { return false; }
        var used = 0;
        while (count + 1 < ranges.Length)
        {
            var next = used + VarInt.Length(Gap(ranges, count + 1))
                + VarInt.Length(ranges[count + 1].Largest - ranges[count + 1].Smallest);
            if (next + VarInt.Length((ulong)count + 1) > room) { break; }
            used = next;
            count++;
        }
        return true;
    }

    private static ulong Gap(ReadOnlySpan<PacketNumberRange> ranges, int index)
    {
        Debug.Assert(ranges[index].Largest + 2 <= ranges[index - 1].Smallest, "ranges descend and do not touch");
        return ranges[index - 1].Smallest - ranges[index].Largest - 2;
    }
}
