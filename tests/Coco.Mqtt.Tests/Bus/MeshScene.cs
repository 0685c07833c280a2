using System.Net;
using Coco.Cluster;
using Coco.Cluster.Policies;
using Coco.Topics;
using Coco.Tunnels;

namespace Coco.Mqtt.Tests.Bus;

/// <summary>Edges on nodes of one network, on loopback, each with sockets of its own.</summary>
internal sealed class MeshScene : IAsyncDisposable
{
    private const string Rules = "coco policy 1\nallow publish # from anyone\nallow subscribe # from anyone\nallow publish $coco/mqtt/# from anyone\nallow subscribe $coco/mqtt/# from anyone\n";

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60));

    public List<Node> Nodes { get; } = [];

    public List<MqttEdge> Edges { get; } = [];

    public CancellationToken Patience => _patience.Token;

    public static async Task<MeshScene> OfAsync(int count, Func<int, MqttEdgeOptions, MqttEdgeOptions>? change = null, TimeProvider? time = null, string rules = Rules, TopicOptions? topics = null)
    {
        var scene = new MeshScene();
        var first = await Node.CreateNetworkAsync(new() { Name = "home" }, Options("node0", time, topics), scene.Patience);
        scene.Nodes.Add(first);
        for (var i = 1; i < count; i++)
        {
            var ticket = await first.InviteAsync(new(), scene.Patience);
            scene.Nodes.Add(await Node.JoinAsync(ticket.ToText(), Options($"node{i}", time, topics), scene.Patience));
        }
        Assert.True(Policy.TryParse(rules, out var policy, out var error), error);
        await first.SetPolicyAsync(policy, scene.Patience);
        await Task.WhenAll(scene.Nodes.Select(node => node.WaitForAsync(one => one.Loop.View.Policy.Rules.SequenceEqual(policy.Rules), scene.Patience)));
        await Task.WhenAll(scene.Nodes.Select(node => node.WaitForAsync(one => one.Peers.Count(static peer => peer.IsReachable) == count - 1, scene.Patience)));
        for (var i = 0; i < count; i++) { await scene.StartAsync(i, change); }
        return scene;
    }

    public async Task StartAsync(int at, Func<int, MqttEdgeOptions, MqttEdgeOptions>? change = null)
    {
        var options = new MqttEdgeOptions { End = TunnelEnd.Tcp(0), Access = LocalAccess.Anyone };
        Edges.Insert(at, await MqttEdge.StartAsync(Nodes[at], change is null ? options : change(at, options), Patience));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var edge in Edges) { await edge.DisposeAsync(); }
        foreach (var node in Enumerable.Reverse(Nodes)) { await node.DisposeAsync(); }
        _patience.Dispose();
    }

    public static NodeOptions Options(string name, TimeProvider? time, TopicOptions? topics = null) => new()
    {
        Topics = topics ?? new(),
        TimeProvider = time ?? TimeProvider.System,
        Name = name,
        App = new AppId("org.example.mqtt"),
        ListenAddresses = [new(IPAddress.Loopback, 0)],
        DiscoverOnLan = false,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        JoinTimeout = TimeSpan.FromSeconds(40),
    };
}
