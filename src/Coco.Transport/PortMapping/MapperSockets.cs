using System.Net;
using System.Net.Sockets;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.PortMapping;
using Coco.Traversal.PortMapping.Pcp;
using Microsoft.Extensions.Logging;

namespace Coco.Transport.PortMapping;

/// <summary>The UDP sockets of port mapping: one for each address of ours, and one where routers announce that they restarted.</summary>
internal sealed class MapperSockets(PortMappingOptions options, ILogger logger, Action<NetworkAddress, NetworkAddress, byte[]> received) : IAsyncDisposable
{
    // RFC 6887 §7: no message is longer than 1,100 bytes; answers to searches are below 1,500.
    private const int MaxDatagram = 2048;

    // RFC 6886 §3.2.1, RFC 6887 §14.1.1.
    private static readonly IPAddress AllHosts = IPAddress.Parse("224.0.0.1");

    private readonly Dictionary<NetworkAddress, Socket> _sockets = [];
    private readonly List<Task> _loops = [];
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _announcements;

    /// <summary>Opens what is missing for a router, and answers whether it can be asked.</summary>
    public bool TryOpen(PortGateway gateway)
    {
        if (_sockets.ContainsKey(gateway.Local)) { return true; }
        Socket? socket = null;
        try
        {
            socket = options.CreateSocket(gateway.Local.GetAddressFamily(), SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(gateway.Local.ToIPEndPoint());
            if (gateway.Local.IsIpv4)
            {
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, gateway.Local.ToIPAddress().GetAddressBytes());
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 2); // UPnP Device Architecture 1.1 §1.1
            }
        }
        catch (SocketException exception)
        {
            socket?.Dispose();
            PortMappingLog.SocketFailed(logger, gateway.Local, exception.Message);
            return false;
        }
        _sockets.Add(gateway.Local, socket);
        _loops.Add(ReceiveAsync(socket, gateway.Local));
        return true;
    }

    /// <summary>Closes the sockets of addresses that are ours no more.</summary>
    public void CloseOthers(IReadOnlyList<PortGateway> gateways)
    {
        foreach (var (local, socket) in _sockets)
        {
            if (gateways.Any(gateway => gateway.Local == local)) { continue; }
            socket.Dispose();
            _sockets.Remove(local);
        }
        _loops.RemoveAll(loop => loop.IsCompleted);
    }

    /// <summary>Listens for announcements of these routers, where that can be; without, a restart is noticed later.</summary>
    public void Listen(IReadOnlyList<PortGateway> gateways)
    {
        if (_announcements is not null || !gateways.Any(gateway => gateway.Local.IsIpv4)) { return; }
        try
        {
            _announcements = options.CreateSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            _announcements.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true); // others listen there too
            _announcements.Bind(new IPEndPoint(IPAddress.Any, PcpRequest.ClientPort));
            foreach (var gateway in gateways.Where(gateway => gateway.Local.IsIpv4))
            {
                _announcements.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(AllHosts, gateway.Local.ToIPAddress()));
            }
        }
        catch (SocketException exception)
        {
            PortMappingLog.SocketFailed(logger, default(NetworkAddress).WithPort(PcpRequest.ClientPort), exception.Message);
            _announcements?.Dispose();
            return; // tried once
        }
        _loops.Add(ReceiveAsync(_announcements, local: default));
    }

    public void Send(in MapperTransmit transmit)
    {
        if (!_sockets.TryGetValue(transmit.Local, out var socket)) { return; }
        try
        {
            socket.SendTo(transmit.Payload, transmit.Remote.ToIPEndPoint());
        }
        catch (SocketException exception)
        {
            PortMappingLog.RequestFailed(logger, transmit.Remote, exception.Message); // lost, as UDP may be
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var socket in _sockets.Values) { socket.Dispose(); }
        _announcements?.Dispose();
        await Task.WhenAll(_loops).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task ReceiveAsync(Socket socket, NetworkAddress local)
    {
        var buffer = new byte[MaxDatagram];
        var any = new IPEndPoint(socket.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var result = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, _stopping.Token).ConfigureAwait(false);
                received(local, ((IPEndPoint)result.RemoteEndPoint).ToNetworkAddress(), buffer[..result.ReceivedBytes]);
            }
            catch (SocketException)
            {
                // Truncated, or an ICMP error that some systems report here. Never a reason to spin.
                await Task.Delay(TimeSpan.FromMilliseconds(100), options.Time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
