namespace Coco.Media;

/// <summary>Wakes one that waits, once for any number of calls. Thread-safe.</summary>
internal sealed class Signal
{
    private readonly Lock _lock = new(); // guards the two below
    private TaskCompletionSource? _waiting;
    private bool _isSet;

    public void Set()
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            waiting = _waiting;
            _waiting = null;
            _isSet = waiting is null;
        }
        waiting?.TrySetResult();
    }

    /// <summary>Returns after the next call of <see cref="Set"/>, or at once where there was one since the last wait.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_isSet)
            {
                _isSet = false;
                return Task.CompletedTask;
            }
            _waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return cancellationToken.CanBeCanceled ? _waiting.Task.WaitAsync(cancellationToken) : _waiting.Task;
        }
    }
}
