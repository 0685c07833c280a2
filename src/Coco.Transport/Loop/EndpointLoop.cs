using System.Collections.Concurrent;
using System.Diagnostics;
using Coco.Crypto;
using Coco.Transport.Links;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal.Roaming;
using Microsoft.Extensions.Logging;

namespace Coco.Transport.Loop;

/// <summary>
/// The one thread that owns a <see cref="RoamingEndpoint"/>, its sockets and its timers, and lends them while it sleeps. Other threads reach it through a
/// queue of items; nothing on the way of a packet takes a lock.
/// </summary>
internal sealed partial class EndpointLoop : IDisposable
{
    // Chosen: far more than one item for each stream in use; an application that asks faster than this is told so.
    private const int MaxQueuedItems = 1 << 16;

    // Chosen: a busy application does not keep packets waiting for longer than some 100 µs.
    private const int MaxItemsPerTurn = 256;

    private const string ThreadName = "Coco endpoint";

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<ILoopItem> _items = new();
    private readonly List<TaskCompletionSource> _afterFlush = [];
    private readonly List<Connection> _sendsAgain = [];
    private readonly long _start = Stopwatch.GetTimestamp() - Stopwatch.Frequency; // zero is never a time
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Thread? _holder; // null while guests are here, and who borrows is none
    private int _queued;
    private volatile bool _hasEnded;
    private bool _isStopping;

    public EndpointLoop(RoamingOptions roaming, TransportOptions options, HostNetwork network, ILogger logger)
    {
        Options = options;
        Logger = logger;
        _network = network;
        Core = new(roaming, RandomSource.System, logger);
        try
        {
            _poller = UdpPoller.Create(options.Udp.Offload);
            var linkOptions = options.Proxy is { } proxy ? new LinkOptions { Proxy = ProxyOptions.By(proxy) } : new LinkOptions();
            _links = new(new LinkSink(this), linkOptions, network.CreateTcpSocket, logger: logger);
            Listen(options.ListenAddresses);
            WebSocketEndPoints = ListenWebSocket();
        }
        catch
        {
            Dispose();
            throw;
        }
        _network.Changed += OnNetworkChanged;
    }

    public RoamingEndpoint Core { get; }

    public TransportOptions Options { get; }

    public ILogger Logger { get; }

    public LoopTimers Timers { get; } = new();

    /// <summary>What takes up the core's news.</summary>
    public required Endpoint Owner { get; init; }

    /// <summary>Guards the exporters of all connections, which are used rarely and for microseconds.</summary>
    public Lock ExporterLock { get; } = new();

    /// <summary>Time since the loop was made, and a second.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    /// <summary>Whether the caller is on the loop's thread, and not as its guest.</summary>
    public bool IsCurrent => Thread.CurrentThread == Volatile.Read(ref _holder);

    /// <summary>Whether the loop has ended, and with it all connections.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>Completes when the loop has ended; fails with what broke it.</summary>
    public Task Ended => _ended.Task;

    // Nobody's context flows to it: it is all apps'.
    public void Start() => new Thread(() => Serve(isFirst: true)) { IsBackground = true, Name = ThreadName }.UnsafeStart();

    /// <summary>Hands over an item, from any thread. False when the queue is full; a loop that has ended refuses the item.</summary>
    public bool TryPost(ILoopItem item)
    {
        if (Interlocked.Increment(ref _queued) > MaxQueuedItems)
        {
            Interlocked.Decrement(ref _queued);
            return false;
        }
        PostQueued(item);
        return true;
    }

    /// <summary>Hands over an item of which there is one at most for each stream or connection: their number is limited already.</summary>
    public void Post(ILoopItem item)
    {
        Interlocked.Increment(ref _queued);
        PostQueued(item);
    }

    /// <summary>Ends the loop after one more flush; on its thread.</summary>
    public void Stop() => _isStopping = true;

    /// <summary>Completes a task when what the core has to send now was handed to the sockets; on the loop's thread.</summary>
    public void CompleteAfterFlush(TaskCompletionSource source) => _afterFlush.Add(source);

    /// <summary>Asks a connection again for its datagrams when the core has sent what it held.</summary>
    public void TryAgainAfterFlush(Connection connection)
    {
        if (!_sendsAgain.Contains(connection)) { _sendsAgain.Add(connection); }
    }

    private bool SendAgain()
    {
        var any = false;
        for (var i = _sendsAgain.Count - 1; i >= 0; i--)
        {
            var connection = _sendsAgain[i];
            _sendsAgain.RemoveAt(i);
            any |= connection.SendQueuedDatagrams(); // which may add it again, at the end
        }
        return any;
    }

    private void PostQueued(ILoopItem item)
    {
        _items.Enqueue(item);
        // The loop says that it sleeps and then looks at the queue; here the order is the reverse, so that one sees the other.
        Interlocked.MemoryBarrier();
        WakeIfAsleep();
        if (_hasEnded) { RefuseItems(); }
    }

    // Until the end, or until another thread has taken over from this.
    private void Serve(bool isFirst)
    {
        try
        {
            _ofThread = this;
            _plainContext ??= ExecutionContext.Capture();
            Volatile.Write(ref _holder, Thread.CurrentThread);
            if (isFirst) { SetNetwork(); }
            while (!_isStopping)
            {
                if (!Turn()) { return; }
            }
            Owner.HandleLoopEnd(Now);
            Core.Close(Now); // relays, and clients where we are one, would keep us for minutes
            Flush();
            _ended.TrySetResult();
        }
        catch (Exception exception) // the top of a thread: whoever waits for the endpoint learns of it
        {
            Logger.LoopFailed(exception);
            _ended.TrySetException(exception);
        }
        End();
    }

    private void End()
    {
        _network.Changed -= OnNetworkChanged;
        Owner.HandleLoopEnd(Now);
        CompleteFlushed();
        _hasEnded = true;
        RefuseItems();
        Volatile.Write(ref _holder, null);
        SendGuestsAway();
        Dispose();
    }

    // False when another thread has taken over.
    private bool Turn()
    {
        RunItems();
        Deliver();
        var isBlocked = !Flush();
        while (!isBlocked && SendAgain()) { isBlocked = !Flush(); }
        if (_isStopping) { return true; }
        var received = Receive();
        if (_guests.Count > 0)
        {
            if (received == 0 && !isBlocked && _items.IsEmpty) { return HostGuests(); }
            // There is more to do first, or room to be waited for.
            if (isBlocked) { SendGuestsAway(); }
            else { SendLateGuestsAway(Now); }
        }
        if (received == 0)
        {
            Wait(isBlocked);
            RunItems(); // what woke us may say who is to be answered
            received = Receive();
        }
        var now = Now;
        Core.HandleTimeout(now);
        Timers.Fire(now);
        if (received > 0) { Deliver(); }
        return true;
    }

    private void RunItems()
    {
        for (var i = 0; i < MaxItemsPerTurn && _items.TryDequeue(out var item); i++)
        {
            Interlocked.Decrement(ref _queued);
            item.Run(Now);
        }
    }

    private void RefuseItems()
    {
        while (_items.TryDequeue(out var item)) { item.Refuse(); }
    }

    private void Deliver()
    {
        while (Core.TryAccept(out var accepted)) { Owner.HandleAccepted(accepted, Now); }
        while (Core.TryTakeReady(out var ready)) { (ready.Tag as Connection)?.HandleReady(Now); }
        Owner.HandleTurn();
        RunCommands();
    }

    private void Wait(bool isBlocked)
    {
        var now = Now;
        var deadline = NextDeadline();
        var wait = deadline == TimeSpan.MaxValue ? LongestWait : deadline - now;
        if (wait <= TimeSpan.Zero) { return; }
        if (wait > LongestWait) { wait = LongestWait; }
        _sleepsUntil = now + wait;
        Volatile.Write(ref _quietSince, now.Ticks);
        Interlocked.Exchange(ref _state, Sleeping);
        try
        {
            if (_items.IsEmpty) { WaitForSockets(wait, isBlocked); }
        }
        finally
        {
            TakeBack();
        }
    }

    private void CompleteFlushed()
    {
        foreach (var source in _afterFlush) { source.TrySetResult(); }
        _afterFlush.Clear();
    }
}
