using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Coco.Hosting;

namespace Coco.Tunnels.Rtsp;

/// <summary>Sockets for a medium, and the flows that their datagrams are carried by.</summary>
internal sealed class MediaPorts : IMediaPorts
{
    // Chosen: more than a socket's buffer holds of what may have come before it was known who may send.
    private const int MaxWaiting = 65_536;

    private readonly Socket[] _sockets;
    private readonly DatagramFlow[] _flows;
    private readonly DatagramFlows _all;
    private readonly PortBudget _budget;
    private readonly TunnelCounters _counters;
    private readonly TaskSet _tasks;
    private int _isConnected;
    private int _isDisposed;

    /// <param name="sockets">The sockets, bound.</param>
    /// <param name="flow">The number of the first one's flow.</param>
    /// <param name="all">The flows of the session.</param>
    /// <param name="make">Makes one that delivers what the peer sends.</param>
    /// <param name="budget">Given back what the sockets took.</param>
    /// <param name="counters">Where what is lost is counted.</param>
    /// <param name="tasks">Where what comes is received.</param>
    public MediaPorts(
        Socket[] sockets, ulong flow, DatagramFlows all, Func<ulong, Func<ReadOnlySpan<byte>, bool>, DatagramFlow> make, PortBudget budget, TunnelCounters counters, TaskSet tasks)
    {
        (_sockets, Flow, _all, _budget, _counters, _tasks) = (sockets, flow, all, budget, counters, tasks);
        Own = new(PortOf(sockets[0]), sockets.Length == 1 ? null : PortOf(sockets[1]));
        _flows = [.. sockets.Select((socket, i) => make(flow + (ulong)i, datagram => TrySend(socket, datagram)))];
    }

    public RtspPorts Own { get; }

    public ulong Flow { get; }

    /// <summary>Takes what the peer sends from now on. False where the flows are in use.</summary>
    public bool TryBegin() => _flows.All(_all.TryAdd);

    public void Connect(IPAddress address, RtspPorts? remote)
    {
        if (Interlocked.Exchange(ref _isConnected, 1) != 0) { return; }
        for (var i = 0; i < _sockets.Length; i++)
        {
            var (socket, flow) = (_sockets[i], _flows[i]);
            if (remote is null) { _tasks.TryRun(() => LearnAsync(socket, flow, address)); }
            else if (TryConnect(socket, flow, new(address, i == 0 ? remote.Value.Rtp : remote.Value.Rtcp ?? remote.Value.Rtp + 1))) { _tasks.TryRun(() => FlowSocket.ReceiveAsync(socket, flow, _counters)); }
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) { return; }
        foreach (var flow in _flows) { _all.Remove(flow); }
        foreach (var socket in _sockets) { socket.Dispose(); }
        _budget.Give(_sockets.Length);
    }

    // The system takes datagrams from there only, from then on. What came before may be from anybody, and is looked at.
    private static bool TryConnect(Socket socket, DatagramFlow flow, IPEndPoint remote)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FlowHeader.MaxLength + ushort.MaxValue);
        var (named, sender) = (remote.Serialize(), new SocketAddress(remote.AddressFamily));
        try
        {
            socket.Connect(remote);
            for (var i = 0; i < MaxWaiting; i++)
            {
                var length = socket.ReceiveFrom(buffer.AsSpan(FlowHeader.MaxLength), SocketFlags.None, sender);
                if (sender.Equals(named)) { flow.Send(buffer, FlowHeader.MaxLength, length); }
            }
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock)
        {
            return true; // that was all
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or ArgumentException)
        {
            return false; // an address that cannot be reached from here
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A server that does not say which port it sends from is known by what it sends.
    private async Task LearnAsync(Socket socket, DatagramFlow flow, IPAddress address)
    {
        var buffer = new byte[FlowHeader.MaxLength + ushort.MaxValue];
        var any = new IPEndPoint(address.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                var came = await socket.ReceiveFromAsync(buffer.AsMemory(FlowHeader.MaxLength), SocketFlags.None, any).ConfigureAwait(false);
                if (came.RemoteEndPoint is not IPEndPoint sender || !sender.Address.Equals(address)) { continue; }
                flow.Send(buffer, FlowHeader.MaxLength, came.ReceivedBytes);
                if (!TryConnect(socket, flow, sender)) { return; }
                break;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.MessageSize or SocketError.ConnectionReset)
            {
                // Too long, or (on some systems) what was sent before found nobody.
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
        await FlowSocket.ReceiveAsync(socket, flow, _counters).ConfigureAwait(false);
    }

    // Nothing leaves before it is known where to: a socket that is not connected refuses.
    private static bool TrySend(Socket socket, ReadOnlySpan<byte> datagram)
    {
        try
        {
            var sent = socket.Send(datagram, SocketFlags.None, out var error);
            // What the system says of the one before (ICMP: nobody listened) takes this one along.
            if (error is SocketError.ConnectionRefused) { sent = socket.Send(datagram, SocketFlags.None, out _); }
            return sent == datagram.Length;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
