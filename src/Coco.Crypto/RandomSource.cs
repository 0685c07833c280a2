using System.Security.Cryptography;

namespace Coco.Crypto;

/// <summary>Where random bytes come from. Cores are handed one, so that a simulation can repeat a run.</summary>
public abstract class RandomSource
{
    /// <summary>The operating system's generator, fit for secrets. Thread-safe.</summary>
    public static RandomSource System { get; } = new SystemRandomSource();

    /// <summary>Fills <paramref name="destination"/> with random bytes.</summary>
    public abstract void Fill(Span<byte> destination);

    private sealed class SystemRandomSource : RandomSource
    {
        public override void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}
