using System.Security.Cryptography;

namespace Coco.Storage.Records;

/// <content>Which records are needed, reading them, and deleting segments that have none.</content>
internal sealed partial class RecordLog
{
    private readonly Lock _readLock = new(); // guards the block read last; nothing is locked within but _lock
    private readonly Dictionary<long, int> _unplaced = []; // needed records that are on their way to the disk, with their lengths; under _lock
    private byte[] _read = [];
    private long _readFirst;
    private List<Range> _readRecords = [];
    private ulong _lastDeleted;

    /// <summary>A record that was read at the opening is needed.</summary>
    public void Retain(long number, int length)
    {
        lock (_lock)
        {
            if (Find(number) is { } segment) { Count(segment, 1, length); }
        }
    }

    /// <summary>A record is not needed any more.</summary>
    public void Release(long number, int length)
    {
        lock (_lock)
        {
            if (_unplaced.Remove(number)) { return; }
            if (Find(number) is { } segment) { Count(segment, -1, -length); }
        }
    }

    /// <summary>A record, where it is on the disk.</summary>
    /// <exception cref="StoreException">It cannot be read, or is damaged.</exception>
    public byte[]? TryRead(long number)
    {
        lock (_readLock)
        {
            if (!IsInBlock(number) && !TryReadBlock(number)) { return null; }
            return _read[_readRecords[(int)(number - _readFirst)]];
        }
    }

    /// <summary>Whether so much of the log is not needed that the oldest segment's needed records should be appended anew, and released.</summary>
    /// <param name="first">Its first record.</param>
    /// <param name="end">The one behind its last.</param>
    public bool WantsRenewal(out long first, out long end)
    {
        (first, end) = (0, 0);
        lock (_lock)
        {
            if (_segments.Count < 3 || _segments[0].IsEmpty) { return false; }
            if (_segments.Sum(static one => one.Size) <= (2 * _segments.Sum(static one => one.LiveBytes)) + (2L * _options.SegmentSize)) { return false; }
            (first, end) = (_segments[0].First, _segments[0].End);
            return true;
        }
    }

    // Under the lock; counted in its segment once that is known.
    private void Track(long number, int length) => _unplaced.Add(number, length);

    private void DeleteUnneeded()
    {
        List<RecordSegment> unneeded = [];
        lock (_lock)
        {
            Place();
            // The next one has a checkpoint on the disk.
            while (_segments.Count > 1 && _segments[0].Live == 0 && !_segments[1].IsEmpty)
            {
                unneeded.Add(_segments[0]);
                _segments.RemoveAt(0);
            }
        }
        foreach (var segment in unneeded) { segment.Delete(); }
    }

    private void Place()
    {
        if (_unplaced.Count == 0) { return; }
        var committed = _committed;
        foreach (var (number, length) in _unplaced)
        {
            if (number <= committed && Find(number) is { } segment)
            {
                Count(segment, 1, length);
                _unplaced.Remove(number);
            }
        }
    }

    private static void Count(RecordSegment segment, int records, int bytes)
    {
        segment.Live += records;
        segment.LiveBytes += bytes;
    }

    private RecordSegment? Find(long number)
    {
        for (var i = _segments.Count - 1; i >= 0; i--)
        {
            if (number >= _segments[i].First && number < _segments[i].End) { return _segments[i]; }
        }
        return null;
    }

    private bool IsInBlock(long number) => number >= _readFirst && number < _readFirst + _readRecords.Count;

    private bool TryReadBlock(long number)
    {
        RecordSegment? segment;
        long first = 0, offset = 0;
        var length = 0;
        lock (_lock)
        {
            segment = Find(number);
            if (segment is null || !segment.TryFind(number, out first, out offset, out length)) { return false; }
        }
        var block = new byte[length];
        try
        {
            if (!TryFill(segment, offset, block)) { return false; }
        }
        catch (ObjectDisposedException)
        {
            return false; // not needed any more, and deleted meanwhile
        }
        catch (IOException exception)
        {
            throw new StoreException(StoreError.Io, segment.Path, exception.Message, exception);
        }
        if (RecordBlock.ReadHeader(block, length) != length - RecordBlock.HeaderSize
            || !RecordBlock.TryOpen(_key, segment.Number, offset, block.AsSpan(RecordBlock.HeaderSize), out _, out var records))
        {
            throw new StoreException(StoreError.Corrupt, segment.Path, $"the block at {offset} does not open");
        }
        Keep(first, records);
        return true;
    }

    private void Keep(long first, Span<byte> records)
    {
        CryptographicOperations.ZeroMemory(_read);
        _read = records.ToArray();
        (_readFirst, _readRecords) = (first, []);
        ReadOnlySpan<byte> rest = _read;
        while (RecordBlock.TryTake(ref rest, out var record)) { _readRecords.Add((_read.Length - rest.Length - record.Length)..(_read.Length - rest.Length)); }
    }

    private static bool TryFill(RecordSegment segment, long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(segment.File, buffer, offset);
            if (read == 0) { return false; }
            buffer = buffer[read..];
            offset += read;
        }
        return true;
    }
}
