using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Coco.Cluster.Discovery;

/// <summary>Reads a DNS message front to back; names may point back into what was read (RFC 1035 §4.1.4).</summary>
internal ref struct DnsReader(ReadOnlySpan<byte> message)
{
    private const ushort ClassInternet = 1;
    private const ushort ClassAny = 255;
    private const ushort TopBit = 0x8000; // unicast response wanted, or cache flush (RFC 6762 §18.12, §18.13)
    private const int ServiceFields = 6;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;

    public bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(_message[_at..], out value)) { return false; }
        _at += 2;
        return true;
    }

    public bool TryReadQuestion([NotNullWhen(true)] out DnsQuestion? question)
    {
        question = null;
        if (!TryReadName(out var name) || !TryReadUInt16(out var type) || !TryReadUInt16(out var rawClass)) { return false; }
        // A question of another class is one nobody here answers.
        var isOurs = (rawClass & ~TopBit) is ClassInternet or ClassAny;
        question = new(name, isOurs ? (DnsType)type : 0);
        return true;
    }

    /// <summary>False for broken bytes; no record for one of another class.</summary>
    public bool TryReadRecord(out DnsRecord? record)
    {
        record = null;
        if (!TryReadName(out var name) || !TryReadUInt16(out var type) || !TryReadUInt16(out var rawClass)) { return false; }
        if (_message.Length - _at < 4) { return false; }
        var ttl = BinaryPrimitives.ReadUInt32BigEndian(_message[_at..]);
        _at += 4;
        if (!TryReadUInt16(out var length) || _message.Length - _at < length) { return false; }
        var end = _at + length;
        var fields = (DnsType)type switch { DnsType.Ptr => 0, DnsType.Srv => Math.Min(ServiceFields, (int)length), _ => length };
        var data = _message.Slice(_at, fields);
        _at += fields;
        DnsName? target = null;
        if ((DnsType)type is DnsType.Ptr or DnsType.Srv && (!TryReadName(out target) || _at != end)) { return false; }
        _at = end;
        if ((rawClass & ~TopBit) is ClassInternet) { record = new(name, (DnsType)type, (rawClass & TopBit) != 0, ttl, data.ToArray(), target); }
        return true;
    }

    private bool TryReadName([NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        var labels = new List<byte[]>();
        var (at, end, bytes) = (_at, -1, 0);
        // A pointer leads to an earlier place than all before it, so that following them ends.
        var lowest = _at;
        while (at < _message.Length)
        {
            var length = _message[at];
            if (length == 0)
            {
                _at = end >= 0 ? end : at + 1;
                return DnsName.TryCreate([.. labels], out name);
            }
            if ((length & 0xC0) == 0xC0)
            {
                if (at + 1 >= _message.Length) { return false; }
                var pointer = ((length & 0x3F) << 8) | _message[at + 1];
                if (pointer >= lowest) { return false; }
                if (end < 0) { end = at + 2; }
                at = lowest = pointer;
                continue;
            }
            bytes += length + 1;
            if (length > DnsName.MaxLabelLength || bytes >= DnsName.MaxLength || at + 1 + length > _message.Length) { return false; }
            labels.Add(_message.Slice(at + 1, length).ToArray());
            at += 1 + length;
        }
        return false;
    }
}
