using System.Net;
using System.Net.Sockets;
using Coco.Hosting;

namespace Coco.Tunnels;

/// <summary>A local UDP port: each address that sends to it has a flow of its own.</summary>
internal sealed class LocalDatagrams : ILocalEnd
{
    private static readonly TimeSpan RefusalTime = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly Gate _gate;
    private readonly TimeProvider _time;
    private readonly Func<LocalDatagrams, LocalFlow, CancellationToken, Task> _serve;
    private readonly Action _closed;
    private readonly TaskSet _tasks = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new(); // guards _flows
    private readonly Dictionary<SocketAddress, LocalFlow> _flows = [];
    private Task _receiving = Task.CompletedTask;
    private Task? _disposal;
    private (SocketAddress Address, long When)? _refused;

    private LocalDatagrams(
        Socket socket, TunnelEnd end, Gate gate, TunnelOptions options, TunnelCounters counters, TimeProvider time, Func<LocalDatagrams, LocalFlow, CancellationToken, Task> serve, Action closed)
    {
        (_socket, End, _gate, Counters, _time, _serve, _closed) = (socket, end, gate, counters, time, serve, closed);
        Parts = new(options.MaxFlows);
    }

    public TunnelEnd End { get; }

    public TunnelStatistics Statistics => Counters.Read(Parts.Count);

    public CocoException? LastFailure => Counters.LastFailure;

    public TunnelCounters Counters { get; }

    /// <summary>Its flows.</summary>
    public ActiveSet Parts { get; }

    /// <summary>Opens it.</summary>
    /// <param name="end">Where.</param>
    /// <param name="gate">Who may.</param>
    /// <param name="options">Limits.</param>
    /// <param name="counters">Where its flows are counted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="serve">Serves a flow up to its end.</param>
    /// <param name="closed">Told once it is closed.</param>
    /// <exception cref="CocoException">It cannot be listened there.</exception>
    public static LocalDatagrams Open(
        TunnelEnd end, Gate gate, TunnelOptions options, TunnelCounters counters, TimeProvider time, Func<LocalDatagrams, LocalFlow, CancellationToken, Task> serve, Action closed)
    {
        var address = (IPEndPoint)end.ToLocal();
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(address);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw TunnelFailures.OfLocal(end, exception);
        }
        var local = new LocalDatagrams(socket, end.At(socket.LocalEndPoint!), gate, options, counters, time, serve, closed);
        local._receiving = Task.Run(local.ReceiveAsync);
        return local;
    }

    private bool TrySend(ReadOnlySpan<byte> datagram, SocketAddress program)
    {
        try
        {
            return _socket.SendTo(datagram, SocketFlags.None, program) == datagram.Length;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false; // nobody is there any more, or the system has no room
        }
    }

    public ValueTask DisposeAsync()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new(Interlocked.CompareExchange(ref _disposal, source.Task, null) ?? CloseAsync(source));
    }

    private async Task CloseAsync(TaskCompletionSource source)
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _receiving.ConfigureAwait(false);
        Parts.Close();
        await _tasks.WhenAllEnded().ConfigureAwait(false);
        _closed();
        source.SetResult();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[FlowHeader.MaxLength + ushort.MaxValue];
        var sender = new SocketAddress(_socket.AddressFamily);
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var length = await _socket.ReceiveFromAsync(buffer.AsMemory(FlowHeader.MaxLength), SocketFlags.None, sender, _closing.Token).ConfigureAwait(false);
                if (FlowOf(sender) is { } flow) { flow.Send(buffer, FlowHeader.MaxLength, length); }
                else { Counters.AddLost(); }
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A program that was sent to is gone; others go on.
            }
        }
    }

    private LocalFlow? FlowOf(SocketAddress sender)
    {
        lock (_lock)
        {
            if (_flows.TryGetValue(sender, out var known)) { return known; }
        }
        if (!IsAdmitted(sender)) { return null; }
        var copy = Copy(sender);
        var flow = new LocalFlow(Counters, datagram => TrySend(datagram, copy));
        lock (_lock) { _flows[copy] = flow; }
        if (!_tasks.TryRun(() => ServeAsync(flow, copy))) { return null; }
        return flow;
    }

    private static SocketAddress Copy(SocketAddress address)
    {
        var copy = new SocketAddress(address.Family, address.Size);
        address.Buffer[..address.Size].CopyTo(copy.Buffer);
        return copy;
    }

    // The tables of the system are not read for each datagram of a program that may not.
    private bool IsAdmitted(SocketAddress sender)
    {
        if (_refused is var (address, when) && address.Equals(sender) && _time.GetElapsedTime(when) < RefusalTime) { return false; }
        var local = (IPEndPoint)_socket.LocalEndPoint!;
        if (_gate.Admit((IPEndPoint)local.Create(sender), local) is not { } refusal) { return true; }
        Counters.AddRefused(refusal);
        var copy = Copy(sender);
        _refused = (copy, _time.GetTimestamp());
        return false;
    }

    private async Task ServeAsync(LocalFlow flow, SocketAddress program)
    {
        try
        {
            await _serve(this, flow, _closing.Token).ConfigureAwait(false);
        }
        catch (CocoException exception)
        {
            Counters.AddRefused(exception);
            // What the program sends again at once has the same fate.
            await Task.Delay(RefusalTime, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The local end is closed.
        }
        finally
        {
            lock (_lock) { _flows.Remove(program); }
        }
    }
}
