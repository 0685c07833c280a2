using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Statements;

/// <summary>A place in somebody's chain: <code>issuer (32) ‖ sequence varint ‖ StatementId (32)</code></summary>
internal readonly record struct ChainHead(NodeId Issuer, ulong Sequence, StatementId Id)
{
    public const int MaxWireLength = NodeId.Size + VarInt.MaxLength + StatementId.Size;

    public void Write(ref SpanWriter writer)
    {
        writer.WriteKey(Issuer);
        writer.WriteVarInt(Sequence);
        writer.WriteId(Id);
    }

    public static bool TryRead(ref SpanReader reader, out ChainHead head)
    {
        head = default;
        if (!reader.TryReadKey(out var issuer) || !reader.TryReadVarInt(out var sequence) || !reader.TryReadId(out var id)) { return false; }
        head = new(issuer, sequence, id);
        return true;
    }
}
