using System.Net;
using Coco.Cluster.Policies;
using Coco.Tunnels;

namespace Coco.Benchmarks.Tunnels;

/// <summary>The two nodes of a tunnel, each a process, as an application would write them. Both run until killed.</summary>
internal static class TunnelEnds
{
    private const string Service = "web", Publisher = "right";

    /// <summary>tunnel-publish ADDRESS PORT: founds a network, publishes the program at the port, and prints a ticket.</summary>
    public static int Publish(string[] args) => RunAsync(async () =>
    {
        var node = await Node.CreateNetworkAsync(new() { Name = "bench" }, Options(Publisher, args[0])).ConfigureAwait(false);
        if (!Policy.TryParse("coco policy 1\nallow service * from anyone\n", out var policy, out var error)) { throw new InvalidOperationException(error); }
        await node.SetPolicyAsync(policy).ConfigureAwait(false);
        await node.Tunnels.PublishAsync(Service, TunnelEnd.Tcp(int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture))).ConfigureAwait(false);
        Console.WriteLine($"ticket {(await node.InviteAsync().ConfigureAwait(false)).ToText()}");
        return node;
    }).GetAwaiter().GetResult();

    /// <summary>tunnel-open ADDRESS TICKET: joins and opens the service at a port, which is printed.</summary>
    public static int Open(string[] args) => RunAsync(async () =>
    {
        var node = await Node.JoinAsync(args[1], Options("left", args[0])).ConfigureAwait(false);
        var tunnel = await node.Tunnels.OpenAsync(Publisher, Service, TunnelEnd.Tcp(0), LocalAccess.Anyone).ConfigureAwait(false);
        Console.WriteLine($"open port={tunnel.LocalEnd.Port}");
        return node;
    }).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(Func<Task<Node>> start)
    {
        await using var node = await start().ConfigureAwait(false);
        await Console.In.ReadToEndAsync().ConfigureAwait(false);
        return 0;
    }

    private static NodeOptions Options(string name, string address) =>
        new() { Name = name, App = new("org.example.bench"), ListenAddresses = [new(IPAddress.Parse(address), 0)], DiscoverOnLan = false };
}
