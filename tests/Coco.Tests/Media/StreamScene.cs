using System.Text;
using Coco.Cluster.Certificates;
using Coco.Cluster.Policies;
using Coco.Media;
using Coco.Tests.Networks;

namespace Coco.Tests.Media;

/// <summary>Nodes of a network whose policy lets all subscribe to all, unless another is given.</summary>
internal sealed class StreamScene : IAsyncDisposable
{
    public const string AllowAll = "allow subscribe # from anyone\n";

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(120));

    private StreamScene(TestNetwork network, Node[] nodes) => (Network, Nodes) = (network, nodes);

    public TestNetwork Network { get; }

    public Node[] Nodes { get; }

    public Node Ada => Nodes[0];

    public Node Bob => Nodes[1];

    public CancellationToken Patience => _patience.Token;

    /// <param name="count">How many.</param>
    /// <param name="policy">Rules.</param>
    /// <param name="options">Limits of all.</param>
    /// <param name="first">Sockets of the first node, where they are not the system's; it passes on nothing of others' then, so that what it sends is its own.</param>
    /// <param name="connectTime">How long a call may take.</param>
    /// <param name="loggerFactory">What all of them write their log to.</param>
    public static async Task<StreamScene> StartAsync(int count = 2, string policy = AllowAll, MediaOptions? options = null, CountingNetwork? first = null, TimeSpan? connectTime = null,
        Microsoft.Extensions.Logging.ILoggerFactory? loggerFactory = null)
    {
        var network = new TestNetwork(TimeSpan.FromSeconds(100));
        Func<NodeOptions, NodeOptions> change = one => one with { Streams = options ?? new(), ConnectTimeout = connectTime ?? one.ConnectTimeout, LoggerFactory = loggerFactory };
        var host = first is null ? null : network.Own(await CocoHost.StartAsync(new() { ListenAddresses = TestNetwork.Options("").ListenAddresses }, first));
        var nodes = new List<Node> { await network.CreateAsync("node0", one => change(one) with { Host = host, Class = host is null ? NodeClass.Stationary : NodeClass.Portable }) };
        for (var i = 1; i < count; i++) { nodes.Add(await network.JoinAsync(nodes[0], $"node{i}", change: change)); }
        var scene = new StreamScene(network, [.. nodes]);
        await scene.SetPolicyAsync(policy);
        await network.AllSeeAsync(scene.Nodes);
        return scene;
    }

    public async Task SetPolicyAsync(string rules)
    {
        Assert.True(Policy.TryParse("coco policy 1\n" + rules, out var policy, out var error), error);
        await Ada.SetPolicyAsync(policy, Patience);
    }

    /// <summary>Subscribes as soon as the policy has reached the producer.</summary>
    public async Task<StreamSubscription> SubscribeAsync(Node node, Node producer, string name, MediaSubscribeOptions? options = null)
    {
        while (true)
        {
            try
            {
                // Nothing is to be lost because the machine is busy.
                var patient = (options ?? new()) with { Jitter = TimeSpan.FromSeconds(20) };
                return Network.Own(await node.Streams.SubscribeAsync(producer.Id, name, patient, Patience));
            }
            catch (CocoException exception) when (exception.Code is CocoError.Denied)
            {
                await Task.Yield(); // each question takes a round trip, and the policy is on its way
            }
        }
    }

    /// <summary>Reads so many objects of a subscription.</summary>
    public async Task<List<MediaObject>> ReadAsync(StreamSubscription subscription, int count)
    {
        var read = new List<MediaObject>();
        await foreach (var item in subscription.ReadAllAsync(Patience))
        {
            read.Add(item);
            if (read.Count == count) { break; }
        }
        return read;
    }

    public static string TextOf(MediaObject item) => Encoding.UTF8.GetString(item.Data.Span);

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        _patience.Dispose();
    }
}
