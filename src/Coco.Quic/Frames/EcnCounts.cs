using Coco.Quic.Packets;

namespace Coco.Quic.Frames;

/// <summary>How many packets arrived with each ECN codepoint, in one packet number space (RFC 9000 §19.3.2).</summary>
internal readonly record struct EcnCounts(ulong Ect0, ulong Ect1, ulong Ce)
{
    /// <summary>Reads what the frame reader has already checked.</summary>
    public static EcnCounts Read(ReadOnlySpan<byte> source)
    {
        var reader = new SpanReader(source);
        _ = reader.TryReadVarInt(out var ect0) & reader.TryReadVarInt(out var ect1) & reader.TryReadVarInt(out var ce);
        return new(ect0, ect1, ce);
    }
}
