using Coco.Lab.Simulated;
using Coco.Traversal.Relays;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>A relay at a public address, over UDP and over WebSocket on 443.</summary>
internal sealed class RelayPeer : IDisposable
{
    private const int Port = 4433;

    private readonly SimulatedHost _host;
    private readonly ulong _number;
    private ulong _lives;

    public RelayPeer(SimulatedInternet internet, int number, bool hasIpv6 = false)
    {
        var name = $"relay{number}.example";
        string[] addresses = hasIpv6 ? [$"198.51.100.{number}", $"2001:db8:100::{number}"] : [$"198.51.100.{number}"];
        internet.Names[name] = SimulatedInternet.Address(addresses[0]);
        (_host, _number) = (internet.AddHost(name, addresses), (ulong)number);
        Peer = Run();
        Info = new(Peer.Id, [.. addresses.Select(static address => SimulatedInternet.Address(address).WithPort(Port))], $"wss://{name}/coco");
    }

    public RoamingPeer Peer { get; private set; }

    public RelayInfo Info { get; }

    public RoamingEndpoint Endpoint => Peer.Endpoint;

    /// <summary>The process dies without a word.</summary>
    public void Kill() => Peer.Node.Stop();

    /// <summary>The process dies and another begins, which remembers nothing but its identity.</summary>
    public void Restart()
    {
        Peer.Dispose();
        Peer = Run();
    }

    public void Dispose() => Peer.Dispose();

    private RoamingPeer Run() =>
        new(_host, _number, new() { UdpPort = Port, WebSocketPort = 443 }, static options => options with { RelayServer = new() }, _lives++);
}
