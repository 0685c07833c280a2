using Coco.Lab.Simulated;
using Coco.Traversal.Relays;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>A relay at a public address, over UDP and over WebSocket on 443.</summary>
internal sealed class RelayPeer : IDisposable
{
    private const int Port = 4433;

    public RelayPeer(SimulatedInternet internet, int number)
    {
        var (name, address) = ($"relay{number}.example", $"198.51.100.{number}");
        internet.Names[name] = SimulatedInternet.Address(address);
        Peer = new(internet.AddHost(name, address), (ulong)number, new() { UdpPort = Port, WebSocketPort = 443 }, options => options with { RelayServer = new() });
        Info = new(Peer.Id, [SimulatedInternet.Address($"{address}:{Port}")], $"wss://{name}/coco");
    }

    public RoamingPeer Peer { get; }

    public RelayInfo Info { get; }

    public void Dispose() => Peer.Dispose();
}
