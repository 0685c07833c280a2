using Coco.Quic.Packets;

namespace Coco.Media;

/// <summary>How a subscriber fares (<see cref="MediaFrame.Report"/>).</summary>
/// <param name="Echo">The subscriber's time, to be sent back.</param>
/// <param name="Bytes">Received so far.</param>
/// <param name="Objects">Received so far.</param>
/// <param name="Lost">Objects that did not come in time, so far.</param>
/// <param name="Copies">How many it could still send on.</param>
internal sealed record ReportWords(ulong Echo, long Bytes, long Objects, long Lost, int Copies)
{
    public byte[] Encode()
    {
        var bytes = new byte[5 * VarInt.MaxLength];
        var writer = new SpanWriter(bytes);
        writer.WriteVarInt(Echo);
        writer.WriteVarInt((ulong)Bytes);
        writer.WriteVarInt((ulong)Objects);
        writer.WriteVarInt((ulong)Lost);
        writer.WriteVarInt((ulong)Copies);
        return bytes[..writer.Position];
    }

    public static ReportWords? TryRead(ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        return reader.TryReadVarInt(out var echo) && reader.TryReadVarInt(out var bytes) && reader.TryReadVarInt(out var objects)
            && reader.TryReadVarInt(out var lost) && reader.TryReadVarInt(out var copies)
            ? new(echo, (long)bytes, (long)objects, (long)lost, (int)Math.Min(copies, 65_536))
            : null;
    }
}
