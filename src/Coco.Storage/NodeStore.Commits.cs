using System.Threading.Channels;

namespace Coco.Storage;

public sealed partial class NodeStore
{
    // What goes into one sync: chosen so that a group is written in a few milliseconds.
    private const int MaxGroupBytes = 1024 * 1024;

    private readonly Channel<Commit> _commits;
    private readonly Task _committing;
    private bool _logMustBeEmptied;

    internal async Task CommitAsync(IReadOnlyList<StoreTransaction.Change> changes, CancellationToken cancellationToken)
    {
        var commit = new Commit(changes);
        try
        {
            await _commits.Writer.WriteAsync(commit, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new ObjectDisposedException("The store has been closed.", e);
        }
        var registration = cancellationToken.UnsafeRegister(static (commit, token) => ((Commit)commit!).TryCancel(token), commit);
        await using (registration.ConfigureAwait(false))
        {
            await commit.Done.ConfigureAwait(false);
        }
    }

    /// <summary>The one writer: what came while the last group was being synced is the next group.</summary>
    private async Task WriteCommitsAsync()
    {
        var group = new List<Commit>();
        while (await _commits.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            for (var bytes = 0; bytes < MaxGroupBytes && _commits.Reader.TryRead(out var commit);)
            {
                if (!commit.TryTake()) { continue; }

                group.Add(commit);
                bytes += commit.Size;
            }
            if (group.Count > 0) { WriteGroup(group); }
            group.Clear();
        }
    }

    private void WriteGroup(List<Commit> group)
    {
        StoreException? failure = null;
        lock (_gate)
        {
            try
            {
                WriteChanges(group);
            }
            catch (Exception e)
            {
                failure = Fail(e);
            }
        }
        foreach (var commit in group) { commit.Complete(failure); }
        if (failure is null) { EmptyLongLog(); }
    }

    // Under the lock.
    private void WriteChanges(List<Commit> group)
    {
        if (_failure is not null) { throw _failure; }

        var changes = group.SelectMany(static commit => commit.Changes);
        if (_disk is not null)
        {
            // Frames of a commit that found the disk full may lie in the log; they must not come to lie behind those of a later one.
            if (_logMustBeEmptied) { _disk.Checkpoint(); }
            _logMustBeEmptied = false;
            if (changes.Any(change => IsOnDisk(change.Table))) { _disk.Apply(changes.Where(change => IsOnDisk(change.Table))); }
        }
        _memory?.Apply(changes.Where(change => !IsOnDisk(change.Table)));
    }

    // Under the lock. A full disk has room again one day. After other failures it is not known what is on the disk, and what a sync that
    // failed has not written is lost even if the next one succeeds, so only opening the store again tells.
    private StoreException Fail(Exception exception)
    {
        if (exception is StoreException { Code: StoreError.Full } full)
        {
            _logMustBeEmptied = true;
            return full;
        }
        if (_failure is null)
        {
            _failure = exception as StoreException ?? new StoreException(StoreError.Io, _path, exception.Message, exception);
            _logger.StoreFailed(_path, exception);
            try { _disk?.KeepLog(); }
            catch (StoreException) { return _failure; } // the log is then moved as far as it is sound, which is harmless too
        }
        return _failure;
    }

    private void EmptyLongLog()
    {
        lock (_gate)
        {
            try
            {
                if (_disk is not null && _disk.LogSize() > Options.LogKiB * 1024L) { _disk.Checkpoint(); }
            }
            catch (StoreException e) when (e.Code is StoreError.Full)
            {
                _logger.CheckpointFailed(_path, e); // the log is whole and grows until there is room
            }
            catch (StoreException e)
            {
                Fail(e);
            }
        }
    }

    /// <summary>A commit on its way to the writer; either taken by it or cancelled, never both.</summary>
    private sealed class Commit(IReadOnlyList<StoreTransaction.Change> changes)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _decided;

        public IReadOnlyList<StoreTransaction.Change> Changes => changes;

        public int Size => changes.Sum(static change => change.Key.Length + (change.Value?.Length ?? 0));

        public Task Done => _done.Task;

        public bool TryTake() => Interlocked.Exchange(ref _decided, 1) == 0;

        public void TryCancel(CancellationToken cancellationToken)
        {
            if (TryTake()) { _done.SetCanceled(cancellationToken); }
        }

        public void Complete(StoreException? failure)
        {
            if (failure is null) { _done.SetResult(); }
            else { _done.SetException(failure); }
        }
    }
}
