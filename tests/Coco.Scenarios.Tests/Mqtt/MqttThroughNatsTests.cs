using Coco.Lab.Nat;
using Coco.Mqtt;
using Coco.Mqtt.Tests.Interop;
using Coco.Scenarios.Tests.Endpoints;
using Coco.Scenarios.Tests.Tunnels;
using Coco.Tunnels;

namespace Coco.Scenarios.Tests.Mqtt;

/// <summary>Mosquitto's clients at Ada's and at Bob's, each behind a NAT of the kernel's, with the mesh as their broker.</summary>
[Collection(EndpointLab.Collection)]
public sealed class MqttThroughNatsTests
{
    private const string Rules = "allow publish # from anyone\nallow subscribe # from anyone\nallow publish $coco/mqtt/# from anyone\nallow subscribe $coco/mqtt/# from anyone\n";
    private const int Lines = 300;

    [Theory]
    [InlineData(NatKind.PortRestricted, NatKind.PortPreserving)]
    [InlineData(NatKind.Symmetric, NatKind.Symmetric)] // by the relay
    public async Task Mosquitto_hears_at_one_what_it_publishes_at_the_other(NatKind adas, NatKind bobs)
    {
        ForeignProgram.Require("mosquitto_pub", "mosquitto_sub");
        await using var town = await TunnelTown.StartAsync(adas, bobs, rules: Rules);
        await using var ada = await MqttEdge.StartAsync(town.Ada, Options, town.Over);
        await using var bob = await MqttEdge.StartAsync(town.Bob, Options, town.Over);
        await PublishAsync(ada, "-r", "-q", "1", "-t", "state", "-m", "on");

        using var late = ForeignClient.Mosquitto("mosquitto_sub", bob, "-V", "5", "-q", "2", "-t", "lines/+", "-t", "will", "-t", "state", "-F", "%t %q %r %p");
        Assert.Equal("state 1 1 on", await late.ReadLineAsync());
        foreach (var qos in (int[])[0, 1, 2])
        {
            using var publisher = ForeignClient.Mosquitto("mosquitto_pub", ada, "-V", "5", "-q", $"{qos}", "-t", $"lines/{qos}", "-l");
            for (var line = 0; line < Lines; line++) { await publisher.Input.WriteLineAsync($"line {line}"); }
            publisher.Input.Close();
            await publisher.EndAsync();
            for (var line = 0; line < Lines; line++) { Assert.Equal($"lines/{qos} {qos} 0 line {line}", await late.ReadLineAsync()); }
        }

        using var lost = await ForeignClient.SubscribeAsync(ada, "-V", "5", "--will-topic", "will", "--will-payload", "gone", "--will-qos", "1");
        lost.Kill();
        Assert.Equal("will 1 0 gone", await late.ReadLineAsync());
    }

    [Theory]
    [InlineData(Roam.ToAnotherHome)]
    [InlineData(Roam.ToAnotherLease)]
    [InlineData(Roam.BehindARouterThatForgets)]
    public async Task Messages_survive_that_a_subscribers_node_is_somewhere_else(Roam how)
    {
        ForeignProgram.Require("mosquitto_pub", "mosquitto_sub");
        await using var town = await TunnelTown.StartAsync(rules: Rules);
        await using var ada = await MqttEdge.StartAsync(town.Ada, Options, town.Over);
        await using var bob = await MqttEdge.StartAsync(town.Bob, Options, town.Over);
        using var subscriber = await ForeignClient.SubscribeAsync(bob, "-V", "5", "-q", "2", "-t", "lines");
        using var publisher = ForeignClient.Mosquitto("mosquitto_pub", ada, "-V", "5", "-q", "2", "-t", "lines", "-l");

        for (var line = 0; line < Lines; line++)
        {
            if (line == Lines / 3) { town.Roam(how); }
            await publisher.Input.WriteLineAsync($"line {line}");
        }
        publisher.Input.Close();
        await publisher.EndAsync();

        for (var line = 0; line < Lines; line++) { Assert.Equal($"line {line}", await subscriber.ReadLineAsync()); }
    }

    private static MqttEdgeOptions Options => new() { End = TunnelEnd.Tcp(0), Access = LocalAccess.SameUser };

    private static async Task PublishAsync(MqttEdge edge, params string[] arguments)
    {
        using var publisher = ForeignClient.Mosquitto("mosquitto_pub", edge, arguments);
        await publisher.EndAsync();
    }
}
