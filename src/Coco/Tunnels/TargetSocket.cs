using System.Net;
using System.Net.Sockets;

namespace Coco.Tunnels;

/// <summary>Connects to what stands behind a service.</summary>
internal static class TargetSocket
{
    /// <exception cref="CocoException">It does not answer.</exception>
    public static async Task<Socket> ConnectAsync(TunnelEnd target, TimeSpan timeout)
    {
        using var patience = new CancellationTokenSource(timeout);
        var socket = target.Kind switch
        {
            TunnelKind.Unix => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            TunnelKind.Udp => new Socket(SocketType.Dgram, ProtocolType.Udp),
            _ => new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true },
        };
        try
        {
            // A machine of the LAN that was switched off says nothing.
            if (target.Kind is TunnelKind.Tcp or TunnelKind.Rtsp) { socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true); }
            EndPoint address = target.Kind is TunnelKind.Unix ? target.ToUnix()
                : IPAddress.TryParse(target.Host, out var ip) ? new IPEndPoint(ip, target.Port) : new DnsEndPoint(target.Host, target.Port);
            await socket.ConnectAsync(address, patience.Token).ConfigureAwait(false);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or IOException)
        {
            socket.Dispose();
            throw exception as CocoException
                ?? TunnelFailures.Target(target, exception is OperationCanceledException ? $"no answer within {timeout.TotalSeconds:0} s" : exception.Message);
        }
    }
}
