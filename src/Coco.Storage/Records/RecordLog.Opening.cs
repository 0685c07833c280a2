using System.Globalization;

namespace Coco.Storage.Records;

/// <content>Opening: every record is read, in order, up to the last whole block.</content>
internal sealed partial class RecordLog
{
    /// <summary>Takes a record while the log is opened.</summary>
    public delegate void RecordHandler(long number, ReadOnlySpan<byte> record);

    /// <summary>Opens a log, or a new one where the folder is not there or empty; nothing is written before something is appended. Only one may have the
    /// folder open: see to it.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="key">32 bytes, of this log only.</param>
    /// <param name="options">Its limits.</param>
    /// <param name="handle">Takes the records.</param>
    /// <exception cref="StoreException">The files are left as they are.</exception>
    public static RecordLog Open(string folder, ReadOnlySpan<byte> key, RecordLogOptions options, RecordHandler handle)
    {
        var log = new RecordLog(folder, key, options);
        try
        {
            log.ReadAll(handle);
            return log;
        }
        catch (Exception exception)
        {
            foreach (var segment in log._segments) { segment.Dispose(); }
            log._isClosed = true;
            log._signal.Writer.TryComplete();
            if (exception is IOException or UnauthorizedAccessException) { throw new StoreException(StoreError.Io, folder, exception.Message, exception); }
            throw;
        }
    }

    private void ReadAll(RecordHandler handle)
    {
        if (!Directory.Exists(_folder))
        {
            if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(_folder); }
            else { Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
            return;
        }
        var numbers = Directory.EnumerateFiles(_folder, "*.log").Select(NumberOf).Order().ToArray();
        for (var i = 0; i < numbers.Length; i++)
        {
            if (i > 0 && numbers[i] != numbers[i - 1] + 1) { throw new StoreException(StoreError.Corrupt, _folder, $"segment {numbers[i - 1] + 1} is missing"); }
            ReadSegment(numbers[i], isLast: i == numbers.Length - 1, handle);
        }
        _committed = _next - 1;
    }

    private ulong NumberOf(string path) =>
        ulong.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new StoreException(StoreError.Foreign, path);

    private void ReadSegment(ulong number, bool isLast, RecordHandler handle)
    {
        var path = RecordSegment.PathOf(_folder, number);
        var segment = new RecordSegment(path, number, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete));
        _segments.Add(segment);
        var length = RandomAccess.GetLength(segment.File);
        if (!HasHeader(segment, length, isLast))
        {
            _segments.Remove(segment); // interrupted as it was made
            _lastDeleted = number - 1;
            segment.Delete();
            return;
        }
        while (segment.Size < length && ReadBlock(segment, length, handle)) { }
        if (segment.Size == length) { return; }
        if (!isLast || HasLaterGroup(segment, length)) { throw new StoreException(StoreError.Corrupt, path, $"the block at {segment.Size} does not open"); }
        RandomAccess.SetLength(segment.File, segment.Size); // interrupted as it was written, so acknowledged to nobody
        RandomAccess.FlushToDisk(segment.File);
    }

    private static bool HasHeader(RecordSegment segment, long length, bool isLast)
    {
        Span<byte> header = stackalloc byte[RecordBlock.SegmentHeaderSize], expected = stackalloc byte[RecordBlock.SegmentHeaderSize];
        RecordBlock.WriteSegmentHeader(expected, segment.Number);
        if (TryFill(segment, 0, header) && header.SequenceEqual(expected)) { return true; }
        if (isLast && length <= header.Length) { return false; }
        throw new StoreException(StoreError.Foreign, segment.Path);
    }

    private bool ReadBlock(RecordSegment segment, long length, RecordHandler handle)
    {
        if (!TryOpenBlock(segment, segment.Size, length, out _, out var records, out var size)) { return false; }
        var first = _next;
        ReadOnlySpan<byte> rest = records;
        while (RecordBlock.TryTake(ref rest, out var record)) { handle(_next++, record); }
        segment.Add(first, (int)(_next - first), segment.Size, size);
        segment.Size += size;
        return true;
    }

    private bool TryOpenBlock(RecordSegment segment, long offset, long length, out long group, out Span<byte> records, out int size)
    {
        (group, size) = (0, 0);
        records = default;
        Span<byte> header = stackalloc byte[RecordBlock.HeaderSize];
        if (length - offset < header.Length || !TryFill(segment, offset, header)) { return false; }
        var envelope = RecordBlock.ReadHeader(header, _options.MaxRecordSize + (1 << 20));
        if (envelope == 0 || envelope > length - offset - header.Length) { return false; }
        size = header.Length + envelope;
        var bytes = new byte[envelope];
        return TryFill(segment, offset + header.Length, bytes) && RecordBlock.TryOpen(_key, segment.Number, offset, bytes, out group, out records);
    }

    // What was acknowledged was synced before the next group was begun. So a block of a later group proves damage; one of the same group may have
    // been written, and the one before it not, when the power was cut.
    private bool HasLaterGroup(RecordSegment segment, long length)
    {
        var rest = new byte[length - segment.Size];
        if (!TryFill(segment, segment.Size, rest)) { return false; }
        for (var at = 1; at + RecordBlock.HeaderSize <= rest.Length; at++)
        {
            if (RecordBlock.ReadHeader(rest.AsSpan(at), _options.MaxRecordSize + (1 << 20)) == 0) { continue; }
            if (TryOpenBlock(segment, segment.Size + at, length, out var group, out _, out _) && group > segment.Size) { return true; }
        }
        return false;
    }
}
