using System.Net;
using Coco.Crypto;
using Coco.Lab.Kernel;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;
using Coco.Traversal.Roaming;

namespace Coco.Lab.Endpoints;

/// <summary>A whole <see cref="Coco.Transport.Endpoint"/> on a host of the kernel lab, in this process, with the host's own sockets.</summary>
internal sealed class LabNode : IAsyncDisposable
{
    // Waiting for news that have no event; the time between two looks is no part of what is measured.
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly IdentityKey _key;
    private readonly NamespaceNetwork _network;

    private const int HttpsPort = 443; // firewalls know no other

    private LabNode(KernelHost host, IdentityKey key, NamespaceNetwork network, Endpoint endpoint) =>
        (Host, _key, _network, Endpoint) = (host, key, network, endpoint);

    public KernelHost Host { get; }

    public Endpoint Endpoint { get; }

    public NodeId Id => Endpoint.Id;

    /// <summary>Starts an endpoint that listens on all addresses of the host, and is at home at the relays.</summary>
    public static Task<LabNode> StartAsync(KernelHost host, IReadOnlyList<RelayInfo> relays, Func<TransportOptions, TransportOptions>? configure = null) =>
        StartAsync(host, options => (configure ?? (same => same))(options with { Relays = relays, ListenAddresses = [new(IPAddress.Any, 0)] }));

    /// <summary>Starts a relay on a host with public addresses: UDP and TCP on a port that the system chooses, WebSockets on 443.</summary>
    public static Task<LabNode> StartRelayAsync(KernelHost host) => StartAsync(host, options => options with
    {
        RelayServer = new() { Url = UrlOf(host) },
        ListenAddresses = [new(host.Address, 0)],
        WebSocketAddresses = [new(host.Address, HttpsPort)],
    });

    /// <summary>How others reach this relay.</summary>
    public RelayInfo ToRelay() => new(Id, [.. Endpoint.LocalEndPoints.Select(address => address.ToNetworkAddress())], UrlOf(Host));

    /// <summary>Waits until so many relays have registered the node and it has seen enough of its NAT to say what that is like.</summary>
    public Task ReadyAsync(int relays, TimeSpan within) => UntilAsync(
        core => core.Nodes[0].Homes.Registered.Count >= relays && (core.IsUdpBlocked || core.Situation.Mapping is not MappingClass.Unknown),
        within,
        $"{Host} is not at home at {relays} relays, or does not know its NAT");

    /// <summary>Waits for something about the core.</summary>
    public async Task UntilAsync(Func<RoamingEndpoint, bool> condition, TimeSpan within, string otherwise)
    {
        using var pulse = new PeriodicTimer(LookEvery);
        using var over = new CancellationTokenSource(within);
        try
        {
            while (!await Endpoint.AskAsync(condition)) { await pulse.WaitForNextTickAsync(over.Token); }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException(otherwise, exception);
        }
    }

    /// <summary>Tells the endpoint that the host's network has changed, as the system would.</summary>
    public void AnnounceNetworkChange() => _network.Announce();

    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync();
        _network.Dispose();
        _key.Dispose();
    }

    private static string UrlOf(KernelHost host) => $"wss://{host.Address}";

    private static async Task<LabNode> StartAsync(KernelHost host, Func<TransportOptions, TransportOptions> configure)
    {
        var key = IdentityKey.Generate();
        var network = new NamespaceNetwork(host.Namespace);
        try
        {
            return new(host, key, network, await Endpoint.StartAsync(configure(new() { Identities = [key], Proxy = new WebProxy() }), network));
        }
        catch
        {
            network.Dispose();
            key.Dispose();
            throw;
        }
    }
}
