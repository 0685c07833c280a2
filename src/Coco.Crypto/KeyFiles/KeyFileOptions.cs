namespace Coco.Crypto.KeyFiles;

/// <summary>How a key file is written.</summary>
public sealed record KeyFileOptions
{
    // RFC 9106 §4, second recommended option: 3 passes over 64 MiB. About 0.2 s, and affordable where a small node runs.
    private const int DefaultPasses = 3;
    private const int DefaultMemoryKiB = 64 * 1024;

    /// <summary>Whether to replace a file that is there; the key in it is then lost. Default false.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Argon2id's passes over its memory, for the passphrase kind. From 1 to 16, default 3.</summary>
    public int Passes { get; init => field = InRange(value, 1, KeyFileFormat.MaxPasses); } = DefaultPasses;

    /// <summary>
    /// Argon2id's memory in KiB, for the passphrase kind. From 19 MiB (19,456) to 1 GiB (1,048,576), default 64 MiB.
    /// </summary>
    public int MemoryKiB { get; init => field = InRange(value, 19 * 1024, KeyFileFormat.MaxMemoryKiB); } = DefaultMemoryKiB;

    private static int InRange(int value, int min, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max);
        return value;
    }
}
