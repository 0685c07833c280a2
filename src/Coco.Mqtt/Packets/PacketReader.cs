using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Coco.Mqtt.Packets;

/// <summary>Reads the data types of MQTT (5.0, 1.5) from a packet. What is not there, or not well formed, makes it <see cref="IsBroken"/> for good.</summary>
internal ref struct PacketReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Something could not be read; all that was read since is zero or empty.</summary>
    public bool IsBroken { get; private set; }

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public byte Byte()
    {
        var taken = Take(1);
        return taken.IsEmpty ? (byte)0 : taken[0];
    }

    public ushort UInt16()
    {
        var taken = Take(2);
        return taken.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(taken);
    }

    public uint UInt32()
    {
        var taken = Take(4);
        return taken.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(taken);
    }

    public int VariableInteger()
    {
        var length = Packets.VariableInteger.Read(_rest, out var value);
        if (length <= 0) { Break(); return 0; }
        _rest = _rest[length..];
        return value;
    }

    /// <summary>Well-formed UTF-8 without U+0000 and surrogates ([MQTT-1.5.4-1], [MQTT-1.5.4-2]). A byte order mark stays ([MQTT-1.5.4-3]).</summary>
    public string Text()
    {
        var text = Take(UInt16());
        if (Utf8.IsValid(text) && !text.Contains((byte)0)) { return Encoding.UTF8.GetString(text); }
        Break();
        return "";
    }

    public byte[] Binary() => Take(UInt16()).ToArray();

    public byte[] ToEnd() => Take(_rest.Length).ToArray();

    /// <summary>A part with a reader of its own, as long as the bytes say.</summary>
    public PacketReader Part(int length) => new(Take(length)) { IsBroken = IsBroken };

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            Break();
            return [];
        }
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private void Break()
    {
        IsBroken = true;
        _rest = [];
    }
}
