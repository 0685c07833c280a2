using Coco.Quic.Packets;

namespace Coco.Cluster.Statements;

/// <summary>How far into somebody's chain a revocation or a recovery believes it: <code>count varint ‖ StatementId (32), if count is not 0</code></summary>
/// <param name="Count">Statements of the chain that stay, from its beginning; 0 for none.</param>
/// <param name="Last">The last of them.</param>
internal readonly record struct Cut(ulong Count, StatementId Last)
{
    public const int MaxWireLength = VarInt.MaxLength + StatementId.Size;

    public void Write(ref SpanWriter writer)
    {
        writer.WriteVarInt(Count);
        if (Count != 0) { writer.WriteId(Last); }
    }

    public static bool TryRead(ref SpanReader reader, out Cut cut)
    {
        cut = default;
        if (!reader.TryReadVarInt(out var count)) { return false; }
        var last = default(StatementId);
        if (count != 0 && !reader.TryReadId(out last)) { return false; }
        cut = new(count, last);
        return true;
    }
}
