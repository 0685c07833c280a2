using Coco.Crypto;
using Coco.Hosting;

namespace Coco.Data;

/// <content>When what is done, and what time it is.</content>
public sealed partial class NodeData
{
    private static readonly TimeSpan ClockTime = TimeSpan.FromMinutes(1);

    private TimeSpan _clockDue;

    private void HandleTimer()
    {
        List<NodeId> calls = [];
        lock (_lock)
        {
            if (_isClosed) { return; }
            var now = Now;
            _timerDue = TimeSpan.MaxValue;
            if (_exchange.Deadline <= now) { HandleTimeout(now); }
            if (!_journal.IsOnDisk) { _exchange.HandleCommitted(long.MaxValue); }
            foreach (var (peer, due) in _calls)
            {
                if (due <= now) { calls.Add(peer); }
            }
            foreach (var peer in calls) { _calls[peer] = TimeSpan.MaxValue; }
            if (_clockDue <= now)
            {
                _clockDue = now + ClockTime;
                _loop.Tasks.TryRun(ReadClockAsync);
            }
        }
        foreach (var peer in calls) { _loop.Tasks.TryRun(() => CallAsync(peer)); }
        Flush();
    }

    // Under the lock.
    private void HandleTimeout(TimeSpan now)
    {
        try
        {
            _exchange.HandleTimeout(now, Wall);
        }
        catch (CocoException exception)
        {
            _logger.DataNotStored(_loop.Self, exception); // what was to be forgotten is remembered on
        }
    }

    // Under the lock.
    private void SetTimer()
    {
        if (_isClosed || !_exchange.Tables.Any()) { return; }
        var deadline = _exchange.Deadline;
        foreach (var due in _calls.Values)
        {
            if (due < deadline) { deadline = due; }
        }
        if (_clockDue < deadline) { deadline = _clockDue; }
        if (deadline >= _timerDue) { return; }
        _timerDue = deadline;
        var wait = deadline - Now;
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task ReadClockAsync()
    {
        try
        {
            var best = await _loop.AskAsync(static (member, now) => member.Time(now).UnixSeconds, _stopping.Token).ConfigureAwait(false);
            var ahead = best == 0 ? 0 : ((long)best * 1000) - _time.GetUtcNow().ToUnixTimeMilliseconds();
            // Where the machine's clock is believed, it is only ever behind.
            Volatile.Write(ref _bestAhead, _nodeOptions.TrustsClock ? Math.Max(0, ahead) : ahead);
            var now = Now;
            End(WireError.Unused, peer => !peer.HasShared && now - peer.Since > ClockTime);
            await _sessions.CloseIdleAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CocoException or ObjectDisposedException or OperationCanceledException)
        {
            // The node is going.
        }
    }
}
