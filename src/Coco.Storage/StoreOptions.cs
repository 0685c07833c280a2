using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Coco.Storage;

/// <summary>How a store is opened.</summary>
public sealed record StoreOptions
{
    /// <summary>Whether a store is made where there is none. Default: it is.</summary>
    public StoreMode Mode { get; init; } = StoreMode.OpenOrCreate;

    /// <summary>How much is kept on disk. Default: everything.</summary>
    public StorePolicy Policy { get; init; } = StorePolicy.Full;

    // RFC 9106 §4, second recommended option, as key files have it: about 0.2 s, and affordable where a small node runs.

    /// <summary>Argon2id's passes when a passphrase is set. From 1 to 16, default 3.</summary>
    public int Passes { get; init => field = InRange(value, 1, 16); } = 3;

    /// <summary>Argon2id's memory in KiB when a passphrase is set. From 19 MiB (19,456) to 1 GiB (1,048,576), default 64 MiB.</summary>
    public int MemoryKiB { get; init => field = InRange(value, 19 * 1024, 1024 * 1024); } = 64 * 1024;

    /// <summary>Memory for pages of the file, in KiB. From 32 to 65,536, default 64: tens of stores share a process.</summary>
    public int CacheKiB { get; init => field = InRange(value, 32, 65_536); } = 64;

    /// <summary>
    /// How long the log grows before it is moved into the file, in KiB. From 64 to 1,048,576, default 1,024: moving costs three
    /// syncs, and a log of this length is read in a few milliseconds when a store opens that was not closed.
    /// </summary>
    public int LogKiB { get; init => field = InRange(value, 64, 1_048_576); } = 1024;

    /// <summary>Longest value, in bytes. From 1 to 16,777,216, default 1,048,576.</summary>
    public int MaxValueSize { get; init => field = InRange(value, 1, 16 * 1024 * 1024); } = 1024 * 1024;

    /// <summary>Commits that may wait; more callers wait for room. From 1 to 65,536, default 256.</summary>
    public int MaxWaitingCommits { get; init => field = InRange(value, 1, 65_536); } = 256;

    /// <summary>
    /// Tables that are scanned as soon as the store is open. What the check of the opening has read of them is kept for the first scan of each, at most until the first
    /// commit, so that their rows are not read and opened twice. Default: none.
    /// </summary>
    public IReadOnlyCollection<StoreTable> ScannedFirst { get; init; } = [];

    /// <summary>Where the store says what it did. Default: nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>SQLite's name of the file system to use, for tests.</summary>
    internal string? FileSystem { get; init; }

    private static int InRange(int value, int least, int most, [CallerMemberName] string name = "") => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}.");
}
