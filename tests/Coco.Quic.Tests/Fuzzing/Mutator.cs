using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Fuzzing;

/// <summary>
/// Damages valid encodings in ways parsers get wrong: bits, lengths, ends, order, and integers in longer forms.
/// </summary>
internal static class Mutator
{
    public static byte[] Mutate(FuzzRandom random, byte[] input)
    {
        for (var i = random.Next(4); i > 0; i--) { input = MutateOnce(random, input); }
        return input;
    }

    private static byte[] MutateOnce(FuzzRandom random, byte[] input)
    {
        if (input.Length == 0) { return random.Bytes(random.Next(8)); }
        var at = random.Next(input.Length);
        switch (random.Next(8))
        {
            case 0: return FlipBit(input, at, random.Next(8));
            case 1: return input[..at];
            case 2: return LengthenVarInt(input, at, random);
            case 3: return [.. input[..at], .. HugeVarInt(random), .. input[at..]];
            case 4: return [.. input[..at], .. input[random.Next(input.Length)..]]; // splice
            case 5: return [.. input, .. input[at..]]; // duplicate the end
            case 6: return [.. input[..at], .. input[(at + 1)..]];
            default: return SetByte(input, at, random);
        }
    }

    private static byte[] FlipBit(byte[] input, int at, int bit)
    {
        var output = (byte[])input.Clone();
        output[at] ^= (byte)(1 << bit);
        return output;
    }

    private static byte[] SetByte(byte[] input, int at, FuzzRandom random)
    {
        byte[] interesting = [0x00, 0x01, 0x3F, 0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xFF, 20, 21];
        var output = (byte[])input.Clone();
        output[at] = interesting[random.Next(interesting.Length)];
        return output;
    }

    private static byte[] LengthenVarInt(byte[] input, int at, FuzzRandom random)
    {
        if (!VarInt.TryRead(input.AsSpan(at), out var value, out var length) || length == VarInt.MaxLength) { return input; }
        var longer = new byte[length << random.Next(1, length == 4 ? 1 : length == 2 ? 2 : 3)];
        VarInt.WriteWithLength(longer, value, longer.Length);
        return [.. input[..at], .. longer, .. input[(at + length)..]];
    }

    private static byte[] HugeVarInt(FuzzRandom random)
    {
        ulong[] edges = [VarInt.Max, 1UL << 60, (1UL << 60) + 1, int.MaxValue, uint.MaxValue, 1UL << 32, 16384, 65535];
        var value = edges[random.Next(edges.Length)];
        var bytes = new byte[VarInt.Length(value)];
        VarInt.Write(bytes, value);
        return bytes;
    }
}
