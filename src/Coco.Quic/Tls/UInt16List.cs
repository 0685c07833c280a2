using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Coco.Quic.Tls;

/// <summary>A vector of 16-bit code points, read in place: cipher suites, versions, groups, signature schemes.</summary>
internal readonly ref struct UInt16List(ReadOnlySpan<byte> bytes)
{
    /// <summary>How many code points a reason names: enough for a log line, whatever the peer sent.</summary>
    private const int Described = 12;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Reads a vector whose length takes 2 bytes and which fills all of <paramref name="data"/>.</summary>
    public static bool TryParse16(ReadOnlySpan<byte> data, out UInt16List list)
    {
        var reader = new TlsReader(data);
        var parsed = reader.TryReadVector16(2, out var bytes) && reader.IsEmpty && bytes.Length % 2 == 0;
        list = new(parsed ? bytes : default);
        return parsed;
    }

    /// <summary>Reads a vector whose length takes 1 byte and which fills all of <paramref name="data"/>.</summary>
    public static bool TryParse8(ReadOnlySpan<byte> data, out UInt16List list)
    {
        var reader = new TlsReader(data);
        var parsed = reader.TryReadVector8(2, out var bytes) && reader.IsEmpty && bytes.Length % 2 == 0;
        list = new(parsed ? bytes : default);
        return parsed;
    }

    public bool Contains(ushort value)
    {
        for (var rest = _bytes; rest.Length >= 2; rest = rest[2..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(rest) == value) { return true; }
        }

        return false;
    }

    public bool Contains(SignatureScheme scheme) => Contains((ushort)scheme);

    public override string ToString()
    {
        var text = new StringBuilder();
        var count = _bytes.Length / 2;
        for (var i = 0; i < Math.Min(count, Described); i++)
        {
            var value = BinaryPrimitives.ReadUInt16BigEndian(_bytes[(2 * i)..]);
            text.Append(i == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"0x{value:x4}");
        }

        if (count > Described) { text.Append(CultureInfo.InvariantCulture, $" and {count - Described} more"); }
        return text.ToString();
    }
}
