using System.Buffers.Binary;

namespace Coco.Crypto;

/// <summary>
/// Repeatable bytes for tests and simulations, the same on every system and version. Never for secrets: eight bytes of output
/// give away all that follows. Not thread-safe.
/// </summary>
/// <param name="seed">Equal seeds give equal bytes for equal sequences of calls.</param>
public sealed class SeededRandomSource(ulong seed) : RandomSource
{
    private ulong _state = seed;

    /// <inheritdoc/>
    public override void Fill(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        while (!destination.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Next());
            var count = Math.Min(word.Length, destination.Length);
            word[..count].CopyTo(destination);
            destination = destination[count..];
        }
    }

    // SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): any seed is a good seed, zero too.
    private ulong Next()
    {
        var z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
