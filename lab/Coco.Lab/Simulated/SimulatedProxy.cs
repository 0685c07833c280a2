using System.Text;
using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>What stands between clients and the servers they mean.</summary>
internal static class SimulatedProxy
{
    private const int HttpsPort = 443;

    /// <summary>An HTTP proxy that knows CONNECT, and lets it lead to port 443 only, as most do.</summary>
    /// <param name="host">Where it runs.</param>
    /// <param name="port">Its port.</param>
    /// <param name="reads">Sees every datagram that passes, as a proxy that intercepts TLS does.</param>
    public static void Serve(SimulatedHost host, int port, Action<byte[]>? reads = null) => host.Listen(port, client =>
    {
        client.Arrived = message =>
        {
            var isConnect = (StreamMessage)message[0] is StreamMessage.Connect;
            if (isConnect && Target(host, Encoding.UTF8.GetString(message, 1, message.Length - 1)) is { } target && host.Connect(target) is { } server)
            {
                Join(client, server, reads);
                return;
            }
            client.Send([(byte)StreamMessage.Refused]);
        };
    });

    private static NetworkAddress? Target(SimulatedHost host, string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(text[(colon + 1)..], out var port) || port != HttpsPort) { return null; }
        return SimulatedHost.TryResolve(host.Internet, text[..colon], out var address) ? address.WithPort(port) : null;
    }

    /// <summary>A captive portal: it answers in everybody's place, and never with a WebSocket.</summary>
    public static void ServePortal(SimulatedHost host, int port) => host.Listen(port, client =>
        client.Arrived = message => client.Send([(byte)((StreamMessage)message[0] is StreamMessage.Hello ? StreamMessage.HelloAnswer : StreamMessage.Refused)]));

    private static void Join(SimulatedTcp client, SimulatedTcp server, Action<byte[]>? reads)
    {
        var isConnected = false;
        client.Arrived = message => Pass(message, server, reads);
        client.Ended = _ => server.Abort();
        server.Opened = () =>
        {
            isConnected = true;
            client.Send([(byte)StreamMessage.Connected]);
        };
        server.Arrived = message => Pass(message, client, reads);
        server.Ended = _ =>
        {
            if (isConnected) { client.Abort(); }
            else { client.Send([(byte)StreamMessage.Refused]); }
        };
    }

    private static void Pass(byte[] message, SimulatedTcp to, Action<byte[]>? reads)
    {
        if ((StreamMessage)message[0] is StreamMessage.Data) { reads?.Invoke(message[1..]); }
        to.Send(message);
    }
}
