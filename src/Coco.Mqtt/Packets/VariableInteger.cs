namespace Coco.Mqtt.Packets;

/// <summary>Seven bits a byte, the lowest first, at most four bytes (MQTT 5.0, 1.5.5).</summary>
internal static class VariableInteger
{
    public const int Max = 268_435_455;

    /// <summary>How many bytes the number takes; 0 where it goes on after what is there; -1 where it is none.</summary>
    public static int Read(ReadOnlySpan<byte> bytes, out int value)
    {
        value = 0;
        for (var at = 0; at < 4; at++)
        {
            if (at == bytes.Length) { return 0; }
            value |= (bytes[at] & 0x7F) << (7 * at);
            if (bytes[at] >= 0x80) { continue; }
            // [MQTT-1.5.5-1]: in as few bytes as possible.
            return at > 0 && bytes[at] == 0 ? -1 : at + 1;
        }
        return -1;
    }

    public static int SizeOf(int value) => value switch { < 1 << 7 => 1, < 1 << 14 => 2, < 1 << 21 => 3, _ => 4 };

    public static int Write(Span<byte> output, int value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (uint)Max, nameof(value));
        var at = 0;
        for (; value > 0x7F; value >>= 7) { output[at++] = (byte)(value | 0x80); }
        output[at++] = (byte)value;
        return at;
    }
}
