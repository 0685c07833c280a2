namespace Coco.Storage.Records;

/// <content>The one writer: what came while the last group was being synced is the next group.</content>
internal sealed partial class RecordLog
{
    private const int NoSpace = 28, OverQuota = 122, TooLarge = 27; // ENOSPC, EDQUOT, EFBIG, which .NET gives as they are
    private const int WindowsNoSpace = unchecked((int)0x8007_0070);

    private Task _writingGroup = Task.CompletedTask;

    private async Task WriteAsync()
    {
        while (await _signal.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            _signal.Reader.TryRead(out _);
            WriteGroup();
        }
        WriteGroup();
    }

    private void WriteGroup()
    {
        List<RecordBlock> blocks;
        TaskCompletionSource done;
        lock (_lock)
        {
            if (_isCheckpointing) { return; } // a part of a checkpoint is none; its end wakes us
            _isUrgent = false;
            if (_pending.Count == 0) { return; }
            (blocks, done) = (_pending, _pendingDone);
            (_pending, _pendingDone) = ([], new(TaskCreationOptions.RunContinuationsAsynchronously));
            _writingGroup = done.Task;
        }
        StoreException? failure = null;
        try
        {
            failure = _failure;
            if (failure is null) { WriteBlocks(blocks); }
        }
        catch (Exception exception) // whatever it was, it is not known what is on the disk
        {
            failure = Fail(exception);
        }
        if (failure is null) { Complete(blocks, done); }
        else { GiveUp(blocks, done, failure); }
        foreach (var block in blocks) { block.Return(); }
        DeleteUnneeded();
    }

    private void Complete(List<RecordBlock> blocks, TaskCompletionSource done)
    {
        var last = blocks[^1].First + blocks[^1].Count - 1;
        Volatile.Write(ref _committed, last);
        Committed?.Invoke(last);
        done.TrySetResult();
    }

    // What was appended meanwhile is given up as well: it may rest on what failed.
    private void GiveUp(List<RecordBlock> blocks, TaskCompletionSource done, StoreException failure)
    {
        List<RecordBlock> later;
        TaskCompletionSource laterDone;
        long last;
        lock (_lock)
        {
            (later, laterDone, last) = (_pending, _pendingDone, _next - 1);
            (_pending, _pendingDone) = ([], new(TaskCreationOptions.RunContinuationsAsynchronously));
            foreach (var number in _unplaced.Keys.Where(number => number >= blocks[0].First)) { _unplaced.Remove(number); }
            _inSegment = long.MaxValue; // the next begins with a new checkpoint, as this one's may be among what is lost
        }
        Failed?.Invoke(blocks[0].First, last, failure);
        _ = done.Task.Exception; // observed: not everybody waits
        done.TrySetException(failure);
        laterDone.TrySetException(failure);
        _ = (done.Task.Exception, laterDone.Task.Exception);
        foreach (var block in later) { block.Return(); }
    }

    private void WriteBlocks(List<RecordBlock> blocks)
    {
        RecordSegment? segment;
        lock (_lock) { segment = _segments.Count == 0 ? null : _segments[^1]; }
        var written = new List<(RecordSegment Segment, RecordBlock Block, long Offset)>(blocks.Count);
        var (offset, group) = (segment?.Size ?? 0, segment?.Size ?? 0);
        try
        {
            foreach (var block in blocks)
            {
                if (block.BeginsSegment)
                {
                    if (written.Count > 0) { RandomAccess.FlushToDisk(segment!.File); }
                    _options.BeforeWrite?.Invoke(RecordBlock.SegmentHeaderSize);
                    segment = RecordSegment.Create(_folder, (segment?.Number ?? _lastDeleted) + 1);
                    lock (_lock) { _segments.Add(segment); }
                    offset = group = segment.Size;
                }
                if (block.IsEmpty) { continue; }
                _options.BeforeWrite?.Invoke(block.Length);
                RandomAccess.Write(segment!.File, block.Seal(_key, segment.Number, offset, group).Span, offset);
                written.Add((segment, block, offset));
                offset += block.Length;
            }
            if (segment is not null) { RandomAccess.FlushToDisk(segment.File); }
        }
        catch
        {
            Undo();
            throw;
        }
        lock (_lock)
        {
            foreach (var (where, block, at) in written)
            {
                where.Add(block.First, block.Count, at, block.Length);
                where.Size = at + block.Length;
            }
        }
    }

    // Half a block must not come to lie before whole ones, nor a block that was given up: it would be read as if it had been acknowledged.
    private void Undo()
    {
        lock (_lock)
        {
            while (_segments.Count > 0 && _segments[^1].IsEmpty)
            {
                _lastDeleted = _segments[^1].Number - 1;
                _segments[^1].Delete();
                _segments.RemoveAt(_segments.Count - 1);
            }
            if (_segments.Count == 0) { return; }
            RandomAccess.SetLength(_segments[^1].File, _segments[^1].Size);
            RandomAccess.FlushToDisk(_segments[^1].File);
        }
    }

    private StoreException Fail(Exception exception)
    {
        if (exception is IOException { HResult: NoSpace or OverQuota or TooLarge or WindowsNoSpace }) { return new(StoreError.Full, _folder, exception.Message, exception); }
        var failure = exception as StoreException ?? new StoreException(StoreError.Io, _folder, exception.Message, exception);
        _failure = failure;
        return failure;
    }
}
