using System.Net;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Lab.Kernel;
using Coco.Storage;
using Coco.Traversal.Relays;
using Microsoft.Extensions.Logging;

namespace Coco.Scenarios.Tests.Networks;

/// <summary>A node of a private network on a host of the kernel lab, which echoes whatever it is sent.</summary>
internal sealed class LabCitizen : IAsyncDisposable
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromMinutes(1); // so that one that never comes is seen for what it is

    private readonly NamespaceNetwork _network;
    private readonly CocoHost _host;
    private readonly Task _echoing;

    private LabCitizen(KernelHost home, NamespaceNetwork network, CocoHost host, Node node)
    {
        (Home, _network, _host, Node) = (home, network, host, node);
        _echoing = EchoAsync();
    }

    public KernelHost Home { get; }

    public Node Node { get; }

    public static Task<LabCitizen> FoundAsync(KernelHost home, IReadOnlyList<RelayInfo> relays, string? store = null) =>
        StartAsync(home, relays, options => Node.CreateNetworkAsync(new() { Name = "town" }, Stored(options, store)));

    /// <summary>A core node that founds an open network.</summary>
    public static Task<LabCitizen> FoundOpenAsync(KernelHost home, ILoggerFactory watch) => StartAsync(
        home, [], options => Node.CreateNetworkAsync(new() { Name = "town", Profile = NetworkProfile.Open }, options with { App = null, LoggerFactory = watch }));

    public static Task<LabCitizen> JoinAsync(KernelHost home, Ticket ticket, IReadOnlyList<RelayInfo> relays, string? store = null) =>
        StartAsync(home, relays, options => Node.JoinAsync(ticket, Stored(options, store)));

    /// <summary>The host's network has changed, as the system would say.</summary>
    public void AnnounceNetworkChange() => _network.Announce();

    public Task UntilAsync(Func<Node, bool> predicate, TimeSpan within) => Node.WaitForAsync(predicate).WaitAsync(within);

    /// <summary>Waits until it has a way to all of these.</summary>
    public Task UntilReachesAsync(IEnumerable<LabCitizen> others, TimeSpan within) =>
        UntilAsync(node => others.All(other => other.Node.Id == node.Id || node.Peers.Any(peer => peer.Id == other.Node.Id && peer.IsReachable)), within);

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync().AsTask().WaitAsync(LongestEnd);
        await _host.DisposeAsync().AsTask().WaitAsync(LongestEnd);
        await _echoing.WaitAsync(LongestEnd);
        _network.Dispose();
    }

    private static NodeOptions Stored(NodeOptions options, string? store)
    {
        if (store is null) { return options; }
        using var identity = IdentityKey.FromSeed(new byte[32]);
        return options with { StorePath = store, StoreKey = StoreKey.FromIdentity(identity) };
    }

    private static async Task<LabCitizen> StartAsync(KernelHost home, IReadOnlyList<RelayInfo> relays, Func<NodeOptions, Task<Node>> start)
    {
        var network = new NamespaceNetwork(home.Namespace);
        try
        {
            var host = await CocoHost.StartAsync(new() { ListenAddresses = [new(IPAddress.Any, 0)], Relays = relays }, network);
            try
            {
                var node = await start(new() { Name = home.Name, App = new("town"), Host = host, DiscoverOnLan = false });
                return new(home, network, host, node);
            }
            catch
            {
                await host.DisposeAsync();
                throw;
            }
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private async Task EchoAsync()
    {
        var streams = new List<Task>();
        await foreach (var connection in Node.AcceptAllAsync()) { streams.Add(EchoAsync(connection)); }
        await Task.WhenAll(streams);
    }

    private static async Task EchoAsync(NodeConnection connection)
    {
        var streams = new List<Task>();
        try
        {
            while (true) { streams.Add(EchoAsync(await connection.AcceptStreamAsync())); }
        }
        catch (Exception over) when (over is CocoException or Transport.TransportException or ObjectDisposedException)
        {
            await Task.WhenAll(streams);
        }
    }

    private static async Task EchoAsync(Transport.ConnectionStream stream)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var count) { await stream.WriteAsync(buffer.AsMemory(0, count)); }
            await stream.CompleteWritesAsync();
        }
        catch (Exception over) when (over is Transport.TransportException or IOException or ObjectDisposedException)
        {
            // The other side learns of it by itself, and its test is the one that fails.
        }
    }
}
