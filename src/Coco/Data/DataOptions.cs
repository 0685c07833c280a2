namespace Coco.Data;

/// <summary>Limits of the data that a node keeps.</summary>
public sealed record DataOptions
{
    /// <summary>Bytes of UTF-8 that a key may have; the same on all nodes. From 16 to 4,096, default 512.</summary>
    public int MaxKeyLength { get; init => field = InRange(value, 16, 4096); } = 512;

    /// <summary>Bytes that a value may have; the same on all nodes. More is for blobs. From 256 to 1 MiB, default 64 KiB.</summary>
    public int MaxValueLength { get; init => field = InRange(value, 256, 1 << 20); } = 64 << 10;

    /// <summary>Entries of one collection, deleted ones included as long as they are remembered. From 16 to 10,000,000, default 100,000.</summary>
    public int MaxEntries { get; init => field = InRange(value, 16, 10_000_000); } = 100_000;

    /// <summary>Bytes of all entries of one collection. From 64 KiB to 16 GiB, default 64 MiB.</summary>
    public long MaxCollectionBytes { get; init => field = InRange(value, 64L << 10, 16L << 30); } = 64L << 20;

    /// <summary>Collections that the node holds. From 1 to 4,096, default 256.</summary>
    public int MaxCollections { get; init => field = InRange(value, 1, 4096); } = 256;

    /// <summary>Collections of one user that a keeper holds, and shared ones. From 1 to 4,096, default 16.</summary>
    public int MaxKeptOfUser { get; init => field = InRange(value, 1, 4096); } = 16;

    /// <summary>Bytes of entries that a keeper holds of collections its own app has not opened. From 64 KiB to 1 TiB, default 1 GiB.</summary>
    public long MaxKeptBytes { get; init => field = InRange(value, 64L << 10, 1L << 40); } = 1L << 30;

    /// <summary>Bytes of blobs that a keeper holds, sealed, of users' collections. From 0 to 1 PiB, default 8 GiB; <see cref="MaxBlobBytes"/> holds besides.</summary>
    public long MaxKeptBlobBytes { get; init => field = InRange(value, 0, 1L << 50); } = 8L << 30;

    /// <summary>The same of one user. From 0 to 1 PiB, default 1 GiB.</summary>
    public long MaxKeptBlobBytesOfUser { get; init => field = InRange(value, 0, 1L << 50); } = 1L << 30;

    /// <summary>Nodes with which data is exchanged at once. From 1 to 1,024, default 32.</summary>
    public int MaxLinks { get; init => field = InRange(value, 1, 1024); } = 32;

    /// <summary>Bytes that may wait to be sent to one node; what does not fit is found missing and sent later. From 1 to 256 MiB, default 4 MiB.</summary>
    public long MaxLinkBytes { get; init => field = InRange(value, 1L << 20, 256L << 20); } = 4L << 20;

    /// <summary>How long it is remembered that an entry was deleted. A node that was away for longer does not bring it back, and what it wrote
    /// before that time and gave to nobody is lost. From 1 hour to 10 years, default 90 days.</summary>
    public TimeSpan TombstoneTime { get; init => field = InRange(value, TimeSpan.FromHours(1), TimeSpan.FromDays(3653)); } = TimeSpan.FromDays(90);

    /// <summary>How far ahead of the best-known time an entry may be dated; others are refused until their time comes. From 1 s to 1 day, default 5 minutes.</summary>
    public TimeSpan MaxAhead { get; init => field = InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)); } = TimeSpan.FromMinutes(5);

    /// <summary>The tag of members that keep data for others: users' collections sealed, shared ones where the policy lets them read. Default <c>store</c>.</summary>
    public string KeeperTag { get; init; } = "store";

    /// <summary>Values of at most so many bytes stay in memory; longer ones are read from the disk where there is one. From 0 to 1 MiB, default 512.</summary>
    public int MaxValueInMemory { get; init => field = InRange(value, 0, 1 << 20); } = 512;

    /// <summary>Nodes of those that hold a collection which fetch each of its blobs by themselves, besides the one that added it: those of greatest
    /// weight for the blob, keepers first. From 0 to 16, default 2.</summary>
    public int BlobCopies { get; init => field = InRange(value, 0, 16); } = 2;

    /// <summary>Blobs of which something is here. From 1 to 1,000,000, default 10,000.</summary>
    public int MaxBlobs { get; init => field = InRange(value, 1, 1_000_000); } = 10_000;

    /// <summary>Bytes of all blobs that are here. From 1 MiB to 1 PiB, default 16 GiB.</summary>
    public long MaxBlobBytes { get; init => field = InRange(value, 1L << 20, 1L << 50); } = 16L << 30;

    /// <summary>Streams on which peers may fetch blobs from here at once. From 1 to 1,024, default 32.</summary>
    public int MaxBlobStreams { get; init => field = InRange(value, 1, 1024); } = 32;

    /// <summary>Called before so many bytes are written, for tests: throws what the system would.</summary>
    internal Action<int>? BeforeWrite { get; init; }

    /// <summary>What a key has on the wire at most: sealed, it is a hash.</summary>
    internal int MaxWireKey => Math.Max(MaxKeyLength, 32) + 32;

    /// <summary>The same of a value, which has the key in it where it is sealed.</summary>
    internal int MaxWireValue => MaxValueLength + MaxKeyLength + 96;

    private static T InRange<T>(T value, T low, T high)
        where T : IComparable<T> => value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"The value must be from {low} to {high}.");
}
