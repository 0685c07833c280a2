namespace Coco.ControlPlane.Storage;

/// <summary>
/// Works that would meet each other in the database if each had a transaction of its own: done one after the other, as many as wait in one transaction. One that fails
/// leaves nothing and takes nobody with it: before it wrote anything that is so by itself, and otherwise each is done again alone.
/// </summary>
/// <param name="write">Does a bundle in one transaction, in turn with the same lane of other instances.</param>
internal sealed class WriteLane(Func<Func<Session, Task<bool>>, Task<bool>> write)
{
    // Chosen: it shares what a commit costs among enough, and makes nobody wait long for what others do.
    private const int MaxBundle = 64;

    private readonly Lock _lock = new(); // guards the two below
    private readonly Queue<LaneWork> _waiting = [];
    private bool _isRunning;

    /// <summary>Has the work done in its turn, once or more often: it must have no effect but through its session.</summary>
    /// <returns>What it returned, when that is on disk. Who cancels is not told before the work's turn, as it may be under way.</returns>
    public Task<T> DoAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        var own = new LaneWork<T>(work, cancellationToken);
        lock (_lock)
        {
            _waiting.Enqueue(own);
            if (!_isRunning)
            {
                _isRunning = true;
                // Of no caller in particular: what belongs to the one request that begins must not be taken for that of the others.
                using (ExecutionContext.SuppressFlow()) { _ = Task.Run(RunAsync, CancellationToken.None); }
            }
        }
        return own.Done;
    }

    private async Task RunAsync()
    {
        var bundle = new List<LaneWork>();
        while (true)
        {
            bundle.Clear();
            lock (_lock)
            {
                while (bundle.Count < MaxBundle && _waiting.TryDequeue(out var next)) { bundle.Add(next); }
                if (bundle.Count == 0)
                {
                    _isRunning = false;
                    return;
                }
            }
            await DoAsync(bundle);
        }
    }

    private async Task DoAsync(List<LaneWork> bundle)
    {
        try
        {
            await write(session => DoAsync(session, bundle));
        }
        catch (Exception) when (bundle.Count > 1)
        {
            // One of them failed, or the database refused what it wrote: nothing was changed.
            foreach (var one in bundle) { await DoAsync([one]); }
            return;
        }
        catch (Exception exception)
        {
            bundle[0].Fail(exception);
            return;
        }
        foreach (var one in bundle) { one.Complete(); }
    }

    private static async Task<bool> DoAsync(Session session, List<LaneWork> bundle)
    {
        foreach (var one in bundle) { await one.DoAsync(session, isAlone: bundle.Count == 1); }
        return true;
    }
}
