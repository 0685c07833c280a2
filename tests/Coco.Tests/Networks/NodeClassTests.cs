using Coco.Cluster.Certificates;

namespace Coco.Tests.Networks;

public sealed class NodeClassTests
{
    [Fact]
    public async Task The_class_of_a_node_says_how_often_its_own_connections_are_used()
    {
        await using var network = new TestNetwork();
        var host = network.Own(await CocoHost.StartAsync(new() { ListenAddresses = [new(System.Net.IPAddress.Loopback, 0)] }, network.Patience));
        NodeClass[] classes = [NodeClass.Backbone, NodeClass.Stationary, NodeClass.Portable];
        var intervals = new Dictionary<NodeClass, double>();

        foreach (var nodeClass in classes)
        {
            var node = await network.CreateAsync(nodeClass.ToString(), options => options with { Host = host, Class = nodeClass });
            intervals[nodeClass] = await host.Endpoint.AskAsync(core => core.Nodes.First(each => each.Id == node.Id).MaxKeepAlive.TotalSeconds);
        }

        Assert.Equal([25.0, 80.0, 80.0], classes.Select(each => intervals[each]));
    }
}
