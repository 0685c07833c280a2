using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Coco.Crypto;
using Coco.Mqtt.Tests.Bus;
using Coco.Storage;
using Coco.Tunnels;

namespace Coco.Mqtt.Tests.Crashes;

/// <summary>This program as a process with one edge, which is killed at any moment. Its folder has the edge's store and its socket, and where it has a node that one's.</summary>
internal static class EdgeChild
{
    public const string Argument = "--mqtt-edge";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30); // ends by itself should nobody be left to kill it

    public static EndPoint EndOf(string folder) => new UnixDomainSocketEndPoint(Path.Combine(folder, "mqtt"));

    /// <summary>An edge without a node; with a ticket one of a network.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var (folder, ticket) = (args[1], args[2]);
        using var over = new CancellationTokenSource(Lifetime);
        using var identity = IdentityKey.FromSeed(SHA256.HashData(Encoding.UTF8.GetBytes("child")));
        await using var node = ticket.Length == 0 ? null : await BeginAsync(folder, ticket, identity, over.Token);
        await using var edge = await MqttEdge.StartAsync(node, new()
        {
            End = TunnelEnd.Unix(Path.Combine(folder, "mqtt")), Access = LocalAccess.SameUser, StorePath = Path.Combine(folder, "edge"), StoreKey = StoreKey.FromIdentity(identity),
        }, over.Token);
        await Console.Out.WriteLineAsync("ready"); // flushed
        while (await Console.In.ReadLineAsync(over.Token) is not null)
        {
        }
        Environment.Exit(1); // the parent is gone
        return 1;
    }

    private static async Task<Node> BeginAsync(string folder, string ticket, IdentityKey identity, CancellationToken cancellationToken)
    {
        var options = MeshScene.Options("child", null) with { StorePath = Path.Combine(folder, "node"), StoreKey = StoreKey.FromIdentity(identity) };
        var joined = Path.Combine(folder, "joined");
        var node = File.Exists(joined) ? await Node.StartAsync(options, cancellationToken) : await Node.JoinAsync(ticket, options, cancellationToken);
        await node.WaitForAsync(static one => one.Peers.Any(static peer => peer.IsReachable), cancellationToken); // a member that was killed before it knew any would find none again
        await File.WriteAllTextAsync(joined, "", cancellationToken);
        return node;
    }
}
