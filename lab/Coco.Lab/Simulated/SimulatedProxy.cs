using System.Text;
using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>An HTTP proxy that knows CONNECT, and lets it lead to port 443 only, as most do.</summary>
internal static class SimulatedProxy
{
    private const int HttpsPort = 443;

    public static void Serve(SimulatedHost host, int port) => host.Listen(port, client =>
    {
        client.Arrived = message =>
        {
            var isConnect = (StreamMessage)message[0] is StreamMessage.Connect;
            if (isConnect && Target(host, Encoding.UTF8.GetString(message, 1, message.Length - 1)) is { } target && host.Connect(target) is { } server)
            {
                Join(client, server);
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

    private static void Join(SimulatedTcp client, SimulatedTcp server)
    {
        client.Arrived = message => server.Send(message);
        client.Ended = _ => server.Abort();
        server.Opened = () => client.Send([(byte)StreamMessage.Connected]);
        server.Arrived = message => client.Send(message);
        server.Ended = why =>
        {
            if (why is SimulatedLinkFailure.Closed) { client.Abort(); }
            else { client.Send([(byte)StreamMessage.Refused]); }
        };
    }
}
