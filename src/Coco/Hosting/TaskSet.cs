namespace Coco.Hosting;

/// <summary>Tasks that end some time, each of which whoever started it awaits in the end. Thread-safe.</summary>
/// <param name="failed">Hears at once of a task that failed, where the end of all may be days away; on a thread of the pool.</param>
internal sealed class TaskSet(Action<Exception>? failed = null)
{
    private readonly Lock _lock = new(); // guards the two below
    private readonly HashSet<Task> _running = [];
    private bool _isClosed;

    /// <summary>Starts work on the pool. False, and nothing started, once <see cref="WhenAllEnded"/> was called.</summary>
    public bool TryRun(Func<Task> work)
    {
        Task<Task> start;
        lock (_lock)
        {
            if (_isClosed) { return false; }
            start = new Task<Task>(work);
            var task = start.Unwrap();
            _running.Add(task);
            _ = task.ContinueWith(Remove, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        start.Start(TaskScheduler.Default);
        return true;
    }

    /// <summary>Takes no more, and completes when all have ended. A failure of one is the caller's.</summary>
    public Task WhenAllEnded()
    {
        lock (_lock)
        {
            _isClosed = true;
            return Task.WhenAll(_running);
        }
    }

    private void Remove(Task task)
    {
        if (task.Exception is { } exception) { failed?.Invoke(exception.GetBaseException()); }
        lock (_lock) { _running.Remove(task); }
    }
}
