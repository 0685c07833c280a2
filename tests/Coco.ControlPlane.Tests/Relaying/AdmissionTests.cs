using Coco.Cluster;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Tests.Networks;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Relaying;

/// <summary>The relay serves whom the API admits.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public async Task A_node_is_served_from_its_admission_on_and_a_newer_certificate_cuts_nobody_off()
    {
        await using var scene = await RelayScene.StartAsync();
        using var developer = await Developer.CreateAsync(scene.Plane);
        var authority = await developer.FoundAsync();
        using var key = IdentityKey.Generate();
        using var user = IdentityKey.Generate();
        var notices = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var listening = scene.Database.Listen(RelayNodes.Channel, notices.Enqueue);
        await authority.CertifyAsync(Developer.Information(authority.Network, "one", key, user));
        await RelayScene.UntilAsync(() => scene.Terms.TermsOf(key.Id).Network == authority.Network.ToString());

        scene.Plane.Time.Advance(TimeSpan.FromSeconds(10));
        await authority.CertifyAsync(Developer.Information(authority.Network, "one", key, user));
        Assert.DoesNotContain(notices, static notice => notice.StartsWith('-'));
        Assert.True(scene.Terms.IsMember(key.Id));

        await authority.DestroyAsync(key.Id);
        await RelayScene.UntilAsync(() => scene.Terms.TermsOf(key.Id).Refusal is not null);
    }

    [Fact]
    public async Task All_nodes_of_a_removed_user_are_cut_off()
    {
        await using var scene = await RelayScene.StartAsync();
        using var developer = await Developer.CreateAsync(scene.Plane);
        var authority = await developer.FoundAsync();
        using var user = IdentityKey.Generate();
        using var one = IdentityKey.Generate();
        using var two = IdentityKey.Generate();
        using var other = IdentityKey.Generate();
        await authority.CertifyAsync(Developer.Information(authority.Network, "one", one, user));
        await authority.CertifyAsync(Developer.Information(authority.Network, "two", two, user));
        await authority.CertifyAsync(Developer.Information(authority.Network, "other", other));
        await RelayScene.UntilAsync(() => scene.Terms.Count == 3);

        await authority.RemoveAsync(new UserId(user.Id));
        await RelayScene.UntilAsync(() => scene.Terms.TermsOf(one.Id).Refusal is not null && scene.Terms.TermsOf(two.Id).Refusal is not null);
        Assert.True(scene.Terms.IsMember(other.Id));
    }
}
