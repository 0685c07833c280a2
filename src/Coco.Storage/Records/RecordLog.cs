using System.Threading.Channels;

namespace Coco.Storage.Records;

/// <summary>
/// Records in the order in which they came, sealed, in segments of one folder; for what changes too fast for rows of a <see cref="NodeStore"/>. Who
/// uses it keeps in memory which records are still needed; a segment none of whose records is needed goes when it is the oldest. Each begins with
/// a checkpoint, records that say what must be known of those before. Records are numbered by this object, from 1 on. Thread-safe, but for <see cref="Append"/>,
/// whose callers take turns so that checkpoints are true.
/// </summary>
internal sealed partial class RecordLog : IAsyncDisposable
{
    private readonly string _folder;
    private readonly byte[] _key;
    private readonly RecordLogOptions _options;
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Lock _lock = new(); // guards all below
    private readonly List<RecordSegment> _segments = [];
    private List<RecordBlock> _pending = [];
    private TaskCompletionSource _pendingDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _lazy;
    private readonly Task _writing;
    private long _next = 1;
    private long _committed;
    private long _inSegment = long.MaxValue; // content that the newest segment has or will have; none is open at first
    private bool _isCheckpointing;
    private bool _isLazyArmed;
    private bool _isUrgent;
    private bool _isClosed;
    private StoreException? _failure;

    private RecordLog(string folder, ReadOnlySpan<byte> key, RecordLogOptions options)
    {
        (_folder, _key, _options) = (folder, key.ToArray(), options);
        _lazy = new(_ => WakeLazy());
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Adds the records of a checkpoint, by <see cref="Append"/>; called within <see cref="Append"/>.</summary>
    public Action? Checkpoint { get; set; }

    /// <summary>All records up to this number are on the disk. Called by the writer, once for each group.</summary>
    public Action<long>? Committed { get; set; }

    /// <summary>The records from the first to the last of these numbers are not on the disk and will not be. Called by the writer before it goes on.</summary>
    public Action<long, long, StoreException>? Failed { get; set; }

    /// <summary>The last record that is on the disk, with all before it.</summary>
    public long CommittedThrough => Volatile.Read(ref _committed);

    /// <summary>Bytes on the disk.</summary>
    public long Size
    {
        get
        {
            lock (_lock) { return _segments.Sum(static segment => segment.Size); }
        }
    }

    /// <summary>Adds a record. It is on the disk when the task has ended.</summary>
    /// <param name="head">Its first bytes.</param>
    /// <param name="data">And the rest.</param>
    /// <param name="isNeeded">Whether it counts as needed until <see cref="Release"/>.</param>
    /// <param name="isUrgent">Whether somebody waits for it; others may wait for company.</param>
    /// <param name="committed">Ends when the record is on the disk, or fails.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="StoreException">An earlier failure: the log takes nothing until it is opened again.</exception>
    public long Append(ReadOnlySpan<byte> head, ReadOnlySpan<byte> data, bool isNeeded, bool isUrgent, out Task committed)
    {
        var length = head.Length + data.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _options.MaxRecordSize);
        bool needsSegment;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_failure is not null) { throw new StoreException(_failure.Code, _folder, "an earlier write failed", _failure); }
            needsSegment = !_isCheckpointing && _inSegment >= _options.SegmentSize;
            if (needsSegment) { BeginSegment(); }
        }
        if (needsSegment) { WriteCheckpoint(); }
        lock (_lock)
        {
            var block = BlockFor(length);
            var record = block.Add(length);
            head.CopyTo(record);
            data.CopyTo(record[head.Length..]);
            _inSegment += length;
            var number = _next++;
            if (isNeeded) { Track(number, length); }
            committed = _pendingDone.Task;
            if (isUrgent && !_isUrgent)
            {
                _isUrgent = true;
                _signal.Writer.TryWrite(true);
            }
            else if (!isUrgent && !_isUrgent && !_isLazyArmed)
            {
                _isLazyArmed = true;
                _lazy.Change(_options.LazyTime, Timeout.InfiniteTimeSpan);
            }
            return number;
        }
    }

    /// <summary>Waits until all that was appended so far is on the disk.</summary>
    public Task FlushAsync()
    {
        lock (_lock)
        {
            if (_pending.Count == 0) { return _writingGroup; }
            _isUrgent = true;
            _signal.Writer.TryWrite(true);
            return _pendingDone.Task;
        }
    }

    /// <summary>Writes what waits, and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isClosed) { return; }
            _isClosed = true;
        }
        _signal.Writer.TryWrite(true);
        _signal.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        await _lazy.DisposeAsync().ConfigureAwait(false);
        lock (_lock)
        {
            foreach (var segment in _segments) { segment.Dispose(); }
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(_key);
        }
    }

    // Under the lock.
    private void BeginSegment()
    {
        _pending.Add(new(_next, 4096, beginsSegment: true));
        _inSegment = 0;
        _isCheckpointing = true;
    }

    private void WriteCheckpoint()
    {
        try
        {
            Checkpoint?.Invoke();
        }
        finally
        {
            lock (_lock) { _isCheckpointing = false; }
            _signal.Writer.TryWrite(true);
        }
    }

    // Under the lock. Chosen: a block is read as a whole to get at one record, so short ones share a modest one.
    private RecordBlock BlockFor(int length)
    {
        const int BlockSize = 256 << 10;
        if (_pending.Count > 0 && _pending[^1] is var last && (last.IsEmpty || last.ContentLength + length <= BlockSize)) { return last; }
        var block = new RecordBlock(_next, length + 64, beginsSegment: false);
        _pending.Add(block);
        return block;
    }

    private void WakeLazy()
    {
        lock (_lock)
        {
            _isLazyArmed = false;
            if (_pending.Count > 0) { _signal.Writer.TryWrite(true); }
        }
    }
}
