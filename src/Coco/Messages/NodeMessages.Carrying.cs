using Coco.Crypto;
using Coco.Hosting;
using Coco.Transport;

namespace Coco.Messages;

/// <content>Who carries messages when, and what peers bring.</content>
public sealed partial class NodeMessages
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AbsentRetry = TimeSpan.FromSeconds(30);
    private const int TicksOfSweep = 10;
    private const int TicksOfFetch = 60;

    private readonly Lock _couriersLock = new(); // guards the couriers, and who has which; locked within the journal's, never around it
    private readonly HashSet<Courier> _couriers = [];
    private int _ticks;

    // From within the journal.
    private void Start(Outbox outbox)
    {
        Courier courier;
        lock (_couriersLock)
        {
            if (outbox.Courier is { } there)
            {
                there.Wake();
                return;
            }
            if (_stopping.IsCancellationRequested || _couriers.Count >= _options.Messages.MaxReceivers || _time.GetTimestamp() < outbox.RetryAt) { return; }
            if (_loop.View.Members.FirstOrDefault(member => member.Id == outbox.Peer) is { IsReachable: false })
            {
                outbox.RetryAt = After(AbsentRetry); // or when it is seen
                return;
            }
            outbox.Courier = courier = new(outbox, _journal, _sessions, _loop);
            _couriers.Add(courier);
        }
        if (!_loop.Tasks.TryRun(() => CarryAsync(outbox, courier))) { Forget(outbox, courier); }
    }

    private async Task CarryAsync(Outbox outbox, Courier courier)
    {
        try
        {
            await courier.RunAsync(_stopping.Token).ConfigureAwait(false);
            outbox.Failures = 0;
        }
        catch (Exception exception) when (exception is CocoException or TransportException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            var wait = TimeSpan.FromTicks(Math.Min(LastRetry.Ticks, FirstRetry.Ticks << Math.Min(outbox.Failures++, 6)));
            outbox.RetryAt = After(wait);
            _logger.NotCarried(outbox.Peer, exception.Message);
        }
        Forget(outbox, courier);
        if (_journal.StateOf(outbox).Count > 0) { Start(outbox); }
    }

    private void Forget(Outbox outbox, Courier courier)
    {
        lock (_couriersLock)
        {
            outbox.Courier = null;
            _couriers.Remove(courier);
        }
    }

    private void StopCouriers()
    {
        Courier[] couriers;
        lock (_couriersLock) { couriers = [.. _couriers]; }
        foreach (var courier in couriers) { courier.Stop(); }
    }

    private void Tick()
    {
        if (_isClosed) { return; }
        Courier[] couriers;
        lock (_couriersLock) { couriers = [.. _couriers]; }
        foreach (var courier in couriers) { courier.Tick(); }
        TickRequests();
        _journal.Expire();
        foreach (var outbox in _journal.Waiting())
        {
            Start(outbox);
            Deposit(outbox);
        }
        if (Interlocked.Increment(ref _ticks) % TicksOfFetch == 0) { FetchAll(); }
        if (_ticks % TicksOfSweep == 0) { _loop.Tasks.TryRun(_sessions.CloseIdleAsync); }
    }

    // Members that come are sent to at once; to those that were removed nothing more is.
    private async Task WatchAsync()
    {
        var changes = _loop.Watch(NodeEventKind.NodeRemoved, NodeEventKind.Reachable);
        while (await changes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (changes.Reader.TryRead(out var happened))
            {
                if (happened.Kind is NodeEventKind.NodeRemoved)
                {
                    _journal.GiveUp(happened.Node);
                    _journal.DropOf(happened.Node);
                }
                if (happened.Kind is NodeEventKind.Reachable) 
                {
                    StartTo(happened.Node);
                    Fetch(happened.Node);
                }
            }
        }
    }

    private void StartTo(NodeId peer)
    {
        if (_journal.Find(peer) is not { } outbox) { return; }
        outbox.RetryAt = 0;
        Start(outbox);
    }

    private long After(TimeSpan time) => _time.GetTimestamp() + (long)(time.TotalSeconds * _time.TimestampFrequency);

    private async Task ServeAsync(NodeConnection connection, ConnectionStream stream)
    {
        var type = (MessageStreamType?)await StreamHeader.ReadVarIntAsync(stream, default).ConfigureAwait(false);
        if (!stream.CanWrite || _isClosed)
        {
            stream.Abort((ulong)WireError.Malformed);
            return;
        }
        switch (type)
        {
            case MessageStreamType.Messages: await new MessageReceiver(connection, stream, _journal, _options.Messages).RunAsync().ConfigureAwait(false); break;
            case MessageStreamType.Requests: await new RequestServer(stream, DeskOf(connection.PeerId), _options.Messages).RunAsync().ConfigureAwait(false); break;
            case MessageStreamType.Mailbox: await ServeMailboxAsync(connection.PeerId, stream).ConfigureAwait(false); break;
            case MessageStreamType.File: await ServeFileAsync(connection.PeerId, stream).ConfigureAwait(false); break;
            default: stream.Abort((ulong)WireError.NotOffered); break;
        }
    }
}
