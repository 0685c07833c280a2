using System.Buffers.Binary;

namespace Coco.Storage.Files;

/// <summary>
/// What a store's file must begin with (https://sqlite.org/fileformat.html, §1.3), checked before SQLite gets to see it: so that a
/// foreign file is not even opened by it, and no damaged bit there makes it work in another way than ours.
/// </summary>
internal static class StoreHeader
{
    public const int Size = 100;
    public const int PageSize = 4096;
    public const int ApplicationId = 0x436F_636F; // "Coco"

    // The format's version and its complement: one flipped bit is damage, not another version.
    public const int FormatVersion = 0x0001_FFFE;

    private const int WriteVersionAt = 18, FormatVersionAt = 60, ApplicationIdAt = 68;
    private const byte WriteAheadLog = 2;

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    // Page size, both versions "write-ahead log", no reserved bytes, and the three fractions that are always these.
    private static ReadOnlySpan<byte> Fixed => [PageSize >> 8, 0, WriteAheadLog, WriteAheadLog, 0, 64, 32, 32];

    // Schema format 4, cache size 0, no auto-vacuum, UTF-8.
    private static ReadOnlySpan<byte> Formats => [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

    /// <summary>Null, or what is wrong with the beginning of a file that has <paramref name="fileSize"/> bytes.</summary>
    public static StoreError? Check(ReadOnlySpan<byte> header, long fileSize)
    {
        var isSqlite = header.StartsWith(Magic);
        if (header.Length < Size) { return isSqlite && fileSize > 0 ? StoreError.Corrupt : StoreError.Foreign; }
        if (!isSqlite || BinaryPrimitives.ReadInt32BigEndian(header[ApplicationIdAt..]) != ApplicationId) { return StoreError.Foreign; }

        var format = BinaryPrimitives.ReadInt32BigEndian(header[FormatVersionAt..]);
        if (format != FormatVersion)
        {
            return (format >>> 16) == (~format & 0xFFFF) ? StoreError.UnsupportedVersion : StoreError.Corrupt;
        }
        return header.Slice(16, 8).SequenceEqual(Fixed) && header.Slice(44, 16).SequenceEqual(Formats) ? null : StoreError.Corrupt;
    }

    /// <summary>
    /// Says that there is a log. SQLite sets these two bytes itself when told in a database on disk; a new store is made in
    /// memory, where it cannot.
    /// </summary>
    public static void UseWriteAheadLog(Span<byte> file) => file.Slice(WriteVersionAt, 2).Fill(WriteAheadLog);
}
