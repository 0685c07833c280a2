using System.Buffers.Binary;
using System.Text;

namespace Coco.Mqtt.Packets;

/// <summary>Writes the data types of MQTT (5.0, 1.5). A packet is written twice: once to see how long it is, once into the output.</summary>
internal ref struct PacketWriter
{
    private readonly Span<byte> _output;
    private readonly bool _counts;

    private PacketWriter(Span<byte> output, bool counts)
    {
        _output = output;
        _counts = counts;
    }

    /// <summary>Bytes written, or counted.</summary>
    public int Length { get; private set; }

    /// <summary>Only counts.</summary>
    public static PacketWriter Counting() => new([], counts: true);

    public static PacketWriter To(Span<byte> output) => new(output, counts: false);

    public void Byte(byte value)
    {
        if (!_counts) { _output[Length] = value; }
        Length++;
    }

    public void UInt16(ushort value)
    {
        if (!_counts) { BinaryPrimitives.WriteUInt16BigEndian(_output[Length..], value); }
        Length += 2;
    }

    public void UInt32(uint value)
    {
        if (!_counts) { BinaryPrimitives.WriteUInt32BigEndian(_output[Length..], value); }
        Length += 4;
    }

    public void VariableInteger(int value)
    {
        if (!_counts) { Packets.VariableInteger.Write(_output[Length..], value); }
        Length += Packets.VariableInteger.SizeOf(value);
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        UInt16(checked((ushort)length));
        if (!_counts) { Encoding.UTF8.GetBytes(value, _output[Length..]); }
        Length += length;
    }

    public void Binary(ReadOnlySpan<byte> value)
    {
        UInt16(checked((ushort)value.Length));
        Raw(value);
    }

    public void Raw(ReadOnlySpan<byte> value)
    {
        if (!_counts) { value.CopyTo(_output[Length..]); }
        Length += value.Length;
    }
}
