using Coco.Transport;

namespace Coco.ControlPlane.Tests.Relaying;

/// <summary>A control plane of one's own, which carries for nodes that no network there has.</summary>
public sealed class ServesStrangersTests
{
    [Fact]
    public async Task Strangers_meet_each_other_and_members_at_the_rate_of_members()
    {
        await using var scene = await RelayScene.StartForStrangersAsync();
        var (alice, bob, member) = (await scene.StartNodeAsync(null), await scene.StartNodeAsync(null), await scene.StartNodeAsync("a-network"));

        var (client, server) = await RelayScene.ConnectAsync(alice, bob);
        // At the 128 kB/s of a joiner this would take longer than the scene's patience.
        await RelayScene.SendAsync(client, server, 8_000_000);
        var (toMember, atMember) = await RelayScene.ConnectAsync(alice, member);
        await RelayScene.SendAsync(toMember, atMember, 10_000);
    }

    [Fact]
    public async Task Without_the_setting_nobody_would_pay_for_them()
    {
        await using var scene = await RelayScene.StartAsync();
        var (alice, bob) = (await scene.StartNodeAsync(null), await scene.StartNodeAsync(null));

        await Assert.ThrowsAsync<TransportException>(() => RelayScene.ConnectAsync(alice, bob));
    }
}
