using System.Buffers.Binary;

namespace Coco.Storage.Files;

/// <summary>
/// Reads the log that a crash left (https://sqlite.org/fileformat.html, §4) before SQLite does. SQLite takes the first frame
/// that does not check for the end of the log, which is right for an interrupted commit and silently loses commits when a disk
/// has damaged an older frame. The two can be told apart, since each commit is synced before the next is written, and nothing of
/// an earlier use of the log is left in it: behind the commit that was being written there is nothing.
/// </summary>
internal static class WriteAheadLog
{
    private const int HeaderSize = 32, FrameHeaderSize = 24, FrameSize = FrameHeaderSize + StoreHeader.PageSize;
    private const uint Magic = 0x377F_0682; // the last bit says in which byte order the checksums are computed

    /// <summary>Whether the log has lost a commit that was followed by another.</summary>
    public static bool IsDamaged(Stream log)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        // The header is synced before the first frame is written. Without frames behind it, a bad one is an interrupted one.
        if (log.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize || log.Length == HeaderSize) { return false; }

        var magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        var checksum = new Checksum((magic & 1) != 0);
        checksum.Add(header[..24]);
        if ((magic & ~1u) != Magic || !checksum.Matches(header[24..])) { return true; }

        var salts = header[16..24];
        var (intact, lost) = (true, false);
        Span<byte> before = stackalloc byte[8]; // page and, at the end of a commit, size of the database, of the frame before
        before.Clear();
        var frame = new byte[FrameSize];
        while (log.ReadAtLeast(frame, FrameSize, throwOnEndOfStream: false) == FrameSize)
        {
            var ours = frame.AsSpan(8, 8).SequenceEqual(salts);
            if (intact)
            {
                checksum.Add(frame.AsSpan(0, 8));
                checksum.Add(frame.AsSpan(FrameHeaderSize));
                intact = ours && checksum.Matches(frame.AsSpan(16));
            }
            // Where a write may spoil its neighbours, SQLite repeats the last frame of a commit to fill a sector, and syncs only as far
            // as that: repetitions belong to their commit and may be missing.
            var endsCommit = BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4)) != 0;
            var isRepetition = endsCommit && frame.AsSpan(0, 8).SequenceEqual(before);
            frame.AsSpan(0, 8).CopyTo(before);
            if (isRepetition) { continue; }
            if (lost && ours) { return true; }

            lost |= endsCommit && !intact;
        }
        return false;
    }

    private struct Checksum(bool bigEndian)
    {
        private uint _first;
        private uint _second;

        public void Add(ReadOnlySpan<byte> words)
        {
            for (; !words.IsEmpty; words = words[8..])
            {
                _first += Read(words) + _second;
                _second += Read(words[4..]) + _first;
            }
        }

        public readonly bool Matches(ReadOnlySpan<byte> stored) =>
            BinaryPrimitives.ReadUInt32BigEndian(stored) == _first && BinaryPrimitives.ReadUInt32BigEndian(stored[4..]) == _second;

        private readonly uint Read(ReadOnlySpan<byte> word) =>
            bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(word) : BinaryPrimitives.ReadUInt32LittleEndian(word);
    }
}
