using System.Threading.Channels;

namespace Coco.Mqtt.Hosting;

/// <summary>
/// The loop that owns the brokers of an edge. All that happens reaches it as work in its queue; connections post one thing at a time, so the
/// queue is as long as there are connections.
/// </summary>
internal sealed class EdgeLoop : IAsyncDisposable
{
    // Chosen: so much is done before packets are flushed, that a flush has some and nobody waits long.
    private const int TurnLength = 64;

    private readonly Channel<Action<TimeSpan>> _work = Channel.CreateUnbounded<Action<TimeSpan>>(new() { SingleReader = true });
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly TimeSpan _start;
    private readonly ITimer _timer;
    private readonly Func<TimeSpan, TimeSpan> _endTurn;
    private readonly Func<bool> _isFull;
    private readonly Task _running;
    private readonly Action<Exception> _failed;

    /// <summary>Starts it.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="endTurn">Called when nothing is left to do for now; says when to call again at the latest.</param>
    /// <param name="isFull">Whether a turn has changed so much that it should end.</param>
    /// <param name="failed">Told of a fault of ours, after which the loop has ended.</param>
    public EdgeLoop(TimeProvider time, Func<TimeSpan, TimeSpan> endTurn, Func<bool> isFull, Action<Exception> failed)
    {
        (_time, _endTurn, _isFull, _failed) = (time, endTurn, isFull, failed);
        // From the wall clock, so that times in the store mean something after a restart; from there on monotonic.
        (_start, _startedAt) = (time.GetUtcNow() - DateTimeOffset.UnixEpoch, time.GetTimestamp());
        _timer = time.CreateTimer(static state => ((EdgeLoop)state!).Post(static _ => { }), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _running = Task.Run(RunAsync);
    }

    public TimeSpan Now => _start + _time.GetElapsedTime(_startedAt);

    public void Post(Action<TimeSpan> work) => _work.Writer.TryWrite(work);

    /// <summary>Has something done on the loop, and says when it is. False where the loop has ended before.</summary>
    public async Task<bool> RunAsync(Action<TimeSpan> work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_work.Writer.TryWrite(now => { work(now); done.SetResult(); })) { return false; }
        return await Task.WhenAny(done.Task, _running).ConfigureAwait(false) == done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _work.Writer.TryComplete();
        await _running.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _work.Reader.WaitToReadAsync().ConfigureAwait(false)) { Turn(); }
        }
        catch (Exception exception) // a fault of ours: a stopped edge is safer than one with a broken state
        {
            _work.Writer.TryComplete();
            _failed(exception);
        }
    }

    private void Turn()
    {
        var now = Now;
        for (var count = 0; count < TurnLength && !_isFull() && _work.Reader.TryRead(out var work); count++) { work(now); }
        var deadline = _endTurn(now);
        var delay = deadline == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : deadline - now;
        if (delay < TimeSpan.Zero && delay != Timeout.InfiniteTimeSpan) { delay = TimeSpan.Zero; }
        // A timer takes no more than 49 days; by then it is set again.
        _timer.Change(delay > TimeSpan.FromDays(1) ? TimeSpan.FromDays(1) : delay, Timeout.InfiniteTimeSpan);
    }
}
