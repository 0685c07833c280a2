using System.Threading.Tasks.Sources;

namespace Coco.Transport.Links;

/// <summary>Wakes one waiter, without an allocation. A signal that comes before the wait is kept, several are one.</summary>
internal sealed class AsyncSignal : IValueTaskSource
{
    private const int Idle = 0, Signalled = 1, Waiting = 2;

    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private int _state;

    /// <summary>From any thread.</summary>
    public void Set()
    {
        var state = Interlocked.CompareExchange(ref _state, Signalled, Idle);
        if (state == Waiting && Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting) { _source.SetResult(true); }
        else if (state == Waiting) { Set(); } // somebody else woke the waiter, who may wait again by now
    }

    /// <summary>One waiter at a time.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Signalled) == Signalled) { return default; }
        _source.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Signalled)
        {
            Volatile.Write(ref _state, Idle); // only the waiter takes a signal away
            return default;
        }
        return new(this, _source.Version);
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
