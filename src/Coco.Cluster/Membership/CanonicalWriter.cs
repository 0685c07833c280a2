using System.Buffers;
using System.Buffers.Binary;
using Coco.Cluster.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Membership;

/// <summary>Collects the bytes of a state. Equal states give equal bytes.</summary>
internal sealed class CanonicalWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void VarInt(ulong value) => _bytes.Advance(Quic.Packets.VarInt.Write(_bytes.GetSpan(Quic.Packets.VarInt.MaxLength), value));

    public void Byte(byte value) => _bytes.Write([value]);

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        VarInt((ulong)bytes.Length);
        _bytes.Write(bytes);
    }

    public void Text(string text) => Bytes(System.Text.Encoding.UTF8.GetBytes(text));

    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.GetSpan(sizeof(ulong)), value);
        _bytes.Advance(sizeof(ulong));
    }

    public void Key(NodeId key)
    {
        key.CopyTo(_bytes.GetSpan(NodeId.Size));
        _bytes.Advance(NodeId.Size);
    }

    public void Id(StatementId id)
    {
        id.CopyTo(_bytes.GetSpan(StatementId.Size));
        _bytes.Advance(StatementId.Size);
    }

    public void Cut(Cut cut)
    {
        VarInt(cut.Count);
        if (cut.Count != 0) { Id(cut.Last); }
    }

    public void Keep(Keep? keep)
    {
        Flag(keep is not null);
        if (keep is null) { return; }
        var writer = new Quic.Packets.SpanWriter(_bytes.GetSpan(keep.WireLength)[..keep.WireLength]);
        keep.Write(ref writer);
        _bytes.Advance(writer.Position);
    }
}
