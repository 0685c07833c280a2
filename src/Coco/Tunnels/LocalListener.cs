using System.Net;
using System.Net.Sockets;
using Coco.Hosting;
using Coco.Tunnels.Rtsp;

namespace Coco.Tunnels;

/// <summary>A local end that takes connections: lets in who may, and hands each to who serves it.</summary>
internal sealed class LocalListener : ILocalEnd
{
    // Chosen: all clients of an MQTT server come back at once when it was started again; the system may keep fewer waiting (net.core.somaxconn).
    private const int Backlog = 4096;

    private static readonly TimeSpan OutOfSockets = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly Gate _gate;
    private readonly Func<LocalListener, LocalConnection, Task> _serve;
    private readonly TaskSet _tasks = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Action _closed;
    private Task _accepting = Task.CompletedTask;
    private Task? _disposal;

    private LocalListener(Socket socket, TunnelEnd end, Gate gate, TunnelOptions options, TunnelCounters counters, Func<LocalListener, LocalConnection, Task> serve, Action closed)
    {
        (_socket, End, _gate, Counters, _serve, _closed) = (socket, end, gate, counters, serve, closed);
        Parts = new(options.MaxConnections);
        MediaPorts = new(options.MaxFlows);
    }

    public TunnelEnd End { get; }

    public TunnelStatistics Statistics => Counters.Read(Parts.Count);

    public CocoException? LastFailure => Counters.LastFailure;

    public ActiveSet Parts { get; }

    /// <summary>Ports for media of RTSP.</summary>
    public PortBudget MediaPorts { get; }

    public TunnelCounters Counters { get; }

    /// <summary>Ends when the listener is closed.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Opens it.</summary>
    /// <param name="end">Where.</param>
    /// <param name="gate">Who may.</param>
    /// <param name="options">Limits.</param>
    /// <param name="counters">Where its connections are counted.</param>
    /// <param name="serve">Serves a connection that was let in, and closes its socket.</param>
    /// <param name="closed">Told once it is closed.</param>
    /// <exception cref="CocoException">It cannot be listened there.</exception>
    public static LocalListener Open(
        TunnelEnd end, Gate gate, TunnelOptions options, TunnelCounters counters, Func<LocalListener, LocalConnection, Task> serve, Action closed)
    {
        var socket = Listen(end, gate);
        var listener = new LocalListener(socket, end.At(socket.LocalEndPoint!), gate, options, counters, serve, closed);
        listener._accepting = Task.Run(listener.AcceptAsync);
        return listener;
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
        await _accepting.ConfigureAwait(false);
        Parts.Close();
        await _tasks.WhenAllEnded().ConfigureAwait(false);
        _closed();
        source.SetResult();
    }

    private static Socket Listen(TunnelEnd end, Gate gate)
    {
        var address = end.ToLocal();
        var socket = new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (address is UnixDomainSocketEndPoint) { UnixSocketFile.Bind(socket, end, gate.Access is LocalAccess.Anyone); }
            else { socket.Bind(address); }
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw TunnelFailures.OfLocal(end, exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var accepted = await _socket.AcceptAsync(_closing.Token).ConfigureAwait(false);
                if (!_tasks.TryRun(() => ServeAsync(accepted))) { accepted.Dispose(); }
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A client that was gone before it was taken, or no sockets left for the moment.
                await Task.Delay(OutOfSockets, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var connection = new LocalConnection(socket);
        if (!Parts.TryAdd(connection))
        {
            Counters.AddRefused(new(CocoError.Overloaded, $"{End} serves no more than {Parts.Most} connections at once. Close some, or allow more: {nameof(TunnelOptions)}.{nameof(TunnelOptions.MaxConnections)}, and for MQTT MqttLimits.MaxConnections, which is `coco mqtt open --max-connections`."));
            Splice.Reset(socket);
            return;
        }
        try
        {
            if (await _gate.AdmitAsync(socket, Closing).ConfigureAwait(false) is { } refusal)
            {
                Counters.AddRefused(refusal);
                Splice.Reset(socket);
                return;
            }
            if (socket.AddressFamily is not AddressFamily.Unix) { socket.NoDelay = true; }
            Counters.AddConnection();
            await _serve(this, connection).ConfigureAwait(false);
        }
        catch (CocoException exception)
        {
            Counters.AddRefused(exception);
            Splice.Reset(socket);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Splice.Reset(socket);
        }
        finally
        {
            Parts.Remove(connection);
        }
    }
}
