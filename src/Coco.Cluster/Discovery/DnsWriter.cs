using System.Buffers;
using System.Buffers.Binary;

namespace Coco.Cluster.Discovery;

/// <summary>Writes a DNS message; a name, or the end of one, that was written before becomes a pointer to it (RFC 1035 §4.1.4).</summary>
internal sealed class DnsWriter
{
    private const ushort ClassInternet = 1;
    private const ushort CacheFlush = 0x8000;
    private const int MaxPointer = 0x3FFF;

    private readonly ArrayBufferWriter<byte> _bytes = new(512);
    private readonly Dictionary<DnsName, int> _written = [];

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.GetSpan(2), value);
        _bytes.Advance(2);
    }

    public void WriteQuestion(DnsQuestion question)
    {
        WriteName(question.Name);
        WriteUInt16((ushort)question.Type);
        WriteUInt16(ClassInternet);
    }

    public void WriteRecord(DnsRecord record)
    {
        WriteName(record.Name);
        WriteUInt16((ushort)record.Type);
        WriteUInt16((ushort)(ClassInternet | (record.IsUnique ? CacheFlush : 0)));
        WriteUInt16((ushort)(record.Ttl >> 16));
        WriteUInt16((ushort)record.Ttl);
        var before = _bytes.WrittenCount + 2;
        var length = record.Data.Length + (record.Target is { } target ? LengthOf(target) : 0);
        WriteUInt16((ushort)length);
        _bytes.Write(record.Data.Span);
        if (record.Target is not null) { WriteName(record.Target); }
        System.Diagnostics.Debug.Assert(_bytes.WrittenCount == before + length, "the length of a record is wrong");
    }

    private int LengthOf(DnsName name)
    {
        var length = 0;
        for (var i = 0; i < name.Labels.Count; i++)
        {
            if (_written.ContainsKey(Tail(name, i))) { return length + 2; }
            length += 1 + name.Labels[i].Length;
        }
        return length + 1;
    }

    private void WriteName(DnsName name)
    {
        for (var i = 0; i < name.Labels.Count; i++)
        {
            var tail = Tail(name, i);
            if (_written.TryGetValue(tail, out var pointer))
            {
                WriteUInt16((ushort)(0xC000 | pointer));
                return;
            }
            if (_bytes.WrittenCount <= MaxPointer) { _written.Add(tail, _bytes.WrittenCount); }
            var label = name.Labels[i];
            _bytes.Write<byte>([(byte)label.Length]);
            _bytes.Write(label);
        }
        _bytes.Write<byte>([0]);
    }

    private static DnsName Tail(DnsName name, int from)
    {
        DnsName.TryCreate([.. name.Labels.Skip(from)], out var tail);
        return tail!;
    }
}
