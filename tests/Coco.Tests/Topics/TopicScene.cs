using System.Text;
using Coco.Cluster.Policies;
using Coco.Tests.Networks;
using Coco.Topics;

namespace Coco.Tests.Topics;

/// <summary>A few real nodes that may publish and subscribe to everything under "home".</summary>
internal sealed class TopicScene : IAsyncDisposable
{
    public TestNetwork Network { get; } = new();

    public Node[] Nodes { get; private set; } = [];

    public CancellationToken Patience => Network.Patience;

    public static async Task<TopicScene> OfAsync(int count, string policy = "allow publish home/# from anyone\nallow subscribe home/# from anyone\n", Func<NodeOptions, NodeOptions>? change = null)
    {
        var scene = new TopicScene();
        var nodes = new List<Node> { await scene.Network.CreateAsync("node0", change) };
        for (var i = 1; i < count; i++) { nodes.Add(await scene.Network.JoinAsync(nodes[0], $"node{i}", change: change)); }
        scene.Nodes = [.. nodes];
        await scene.AllowAsync(policy);
        await scene.Network.AllSeeAsync(scene.Nodes);
        return scene;
    }

    /// <summary>Sets the policy and waits until everybody goes by it.</summary>
    public async Task AllowAsync(string rules)
    {
        Assert.True(Policy.TryParse("coco policy 1\n" + rules, out var policy, out var error), error);
        await Nodes[0].SetPolicyAsync(policy, Patience);
        await Task.WhenAll(Nodes.Select(node => node.WaitForAsync(one => one.Loop.View.Policy.Rules.SequenceEqual(policy.Rules), Patience)));
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(TopicMessage message) => Encoding.UTF8.GetString(message.Data.Span);

    /// <summary>The next messages of a subscription.</summary>
    public async Task<List<TopicMessage>> TakeAsync(TopicSubscription subscription, int count)
    {
        var taken = new List<TopicMessage>();
        await foreach (var message in subscription.ReadAllAsync(Patience))
        {
            taken.Add(message);
            if (taken.Count == count) { break; }
        }
        return taken;
    }

    public async ValueTask DisposeAsync() => await Network.DisposeAsync();
}
