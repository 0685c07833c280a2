using System.Net;
using System.Net.Sockets;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Links;
using Microsoft.Extensions.Logging;

namespace Coco.Transport.Discovery;

/// <summary>
/// A socket for each interface and family, at a port that is shared with whatever else speaks multicast DNS on this machine (RFC 6762 §15.1).
/// One socket an interface, because what comes in must be known by the interface it came from.
/// </summary>
internal sealed class MulticastSockets(MulticastOptions options, ILogger logger, Action<int, NetworkAddress, byte[]> received) : IAsyncDisposable
{
    private const int MaxDatagram = 9000; // RFC 6762 §17

    // Linux, <asm-generic/socket.h>, <linux/in.h>, <linux/in6.h>: without the latter two a socket hears every group any socket has joined.
    private const int SolSocket = 1, SoReusePort = 15, SolIp = 0, IpMulticastAll = 49, SolIpv6 = 41, Ipv6MulticastAll = 29;

    private readonly Dictionary<(int Index, bool IsIpv6), (InterfaceAddress Address, Socket Socket)> _sockets = [];
    private readonly List<Task> _loops = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Opens what is missing for these interfaces, and closes what is left of others.</summary>
    public void Update(IReadOnlyList<InterfaceAddress> interfaces)
    {
        var wanted = interfaces
            .GroupBy(one => (one.InterfaceIndex, !one.Address.IsIpv4))
            .Take(2 * options.MaxInterfaces)
            .ToDictionary(group => group.Key, group => group.First());
        foreach (var (key, (address, socket)) in _sockets)
        {
            if (wanted.TryGetValue(key, out var same) && same.Address == address.Address) { continue; }
            socket.Dispose();
            _sockets.Remove(key);
        }
        foreach (var (key, address) in wanted)
        {
            if (_sockets.ContainsKey(key) || TryOpen(address) is not { } socket) { continue; }
            _sockets.Add(key, (address, socket));
            _loops.Add(ReceiveAsync(socket, address.InterfaceIndex));
        }
        _loops.RemoveAll(loop => loop.IsCompleted);
    }

    public void Send(in MulticastDatagram datagram)
    {
        if (!_sockets.TryGetValue((datagram.InterfaceIndex, datagram.IsIpv6), out var open)) { return; }
        try
        {
            open.Socket.SendTo(datagram.Payload.Span, SocketFlags.None, new IPEndPoint(datagram.IsIpv6 ? options.Ipv6Group : options.Ipv4Group, options.Port));
        }
        catch (SocketException exception)
        {
            MulticastLog.SendFailed(logger, datagram.InterfaceIndex, datagram.IsIpv6, exception.Message); // lost, as UDP may be
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var (_, socket) in _sockets.Values) { socket.Dispose(); }
        await Task.WhenAll(_loops).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private Socket? TryOpen(InterfaceAddress address)
    {
        Socket? socket = null;
        try
        {
            socket = options.CreateSocket(address.Address.GetAddressFamily());
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            if (OperatingSystem.IsLinux()) { socket.SetRawSocketOption(SolSocket, SoReusePort, BitConverter.GetBytes(1)); }
            if (address.Address.IsIpv4) { JoinIpv4(socket, address); }
            else { JoinIpv6(socket, address); }
            return socket;
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            MulticastLog.SocketFailed(logger, address.InterfaceName, !address.Address.IsIpv4, exception.Message);
            return null;
        }
    }

    // RFC 6762 §11: datagrams are sent with a hop limit of 255.
    private void JoinIpv4(Socket socket, InterfaceAddress address)
    {
        if (OperatingSystem.IsLinux()) { socket.SetRawSocketOption(SolIp, IpMulticastAll, BitConverter.GetBytes(0)); }
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, address.Address.ToIPAddress().GetAddressBytes());
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 255);
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastLoopback, true);
        socket.Bind(new IPEndPoint(IPAddress.Any, options.Port));
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(options.Ipv4Group, address.InterfaceIndex));
    }

    private void JoinIpv6(Socket socket, InterfaceAddress address)
    {
        socket.DualMode = false;
        if (OperatingSystem.IsLinux()) { socket.SetRawSocketOption(SolIpv6, Ipv6MulticastAll, BitConverter.GetBytes(0)); }
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, address.InterfaceIndex);
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 255);
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastLoopback, true);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, options.Port));
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(options.Ipv6Group, address.InterfaceIndex));
    }

    private async Task ReceiveAsync(Socket socket, int interfaceIndex)
    {
        var buffer = new byte[MaxDatagram];
        var any = new IPEndPoint(socket.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var result = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, _stopping.Token).ConfigureAwait(false);
                received(interfaceIndex, ((IPEndPoint)result.RemoteEndPoint).ToNetworkAddress(), buffer[..result.ReceivedBytes]);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is not SocketError.OperationAborted)
            {
                // Truncated, or an ICMP error that some systems report here. Never a reason to spin.
                await Task.Delay(TimeSpan.FromMilliseconds(100), options.Time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }
}
