using Coco.Cluster.Certificates;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Tests.Members;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Attacks;

/// <summary>Certificates that make nobody a member: shown by a peer as its own, or pushed at us unasked.</summary>
public sealed class CertificateAttackTests
{
    private const int NotProven = 1303;
    private const int CertificateRefused = 1325;

    [Theory]
    [InlineData("another node's", "another node's")]
    [InlineData("foreign", "another network")]
    [InlineData("expired", nameof(CertificateVerdict.Expired))]
    [InlineData("a device by an admin", nameof(CertificateVerdict.NotPermitted))]
    [InlineData("removed", nameof(CertificateVerdict.NodeRevoked))]
    public void Who_shows_a_certificate_that_does_not_count_stays_outside_and_the_reason_is_logged(string kind, string reason)
    {
        var scene = new AttackScene(411);
        var (anna, stranger) = (scene.Admit(Role.Admin), scene.Stranger());
        var tenure = scene.Owner.Running.State.AuthorityOf(anna.Keys.UserId)!.Value;
        var foreign = new NetworkId(stranger.Id);
        var shown = kind switch
        {
            "another node's" => scene.Owner.Running.Certificate.Encoded,
            "foreign" => HostileMember.Sign(stranger.Keys.Node, scene.OwnersAuthority, foreign, stranger.Keys).Encoded,
            "expired" => HostileMember.Sign(anna.Keys.User, tenure, scene.Network, stranger.Keys, static admission => admission with { Expires = 1_700_000_000 }).Encoded,
            "a device by an admin" => HostileMember.Sign(anna.Keys.User, tenure, scene.Network, stranger.Keys, static admission => admission with { App = default }).Encoded,
            _ => HostileMember.Sign(anna.Keys.User, tenure, scene.Network, stranger.Keys).Encoded,
        };
        if (kind == "removed")
        {
            scene.World.Act(scene.Owner, member => member.RemoveNode(stranger.Id, scene.World.Now));
            scene.World.RunFor(1);
        }
        stranger.Connect(scene.One, shown);
        scene.World.RunFor(6);

        Assert.True(stranger.IsLetGo(scene.One, kind == "removed" ? MemberDisconnect.Removed : MemberDisconnect.NotMember));
        scene.One.Log!.AssertSays(kind == "removed" ? 1301 : NotProven, kind == "removed" ? nameof(MemberDisconnect.Removed) : reason);
        Assert.Equal(0, scene.One.Log.Count(1300, stranger.Id.ToString()));
        Assert.DoesNotContain(stranger.Id, scene.One.Running.Members.Select(static member => member.Id));
    }

    [Theory]
    [InlineData("forged", nameof(CertificateVerdict.Unreadable))]
    [InlineData("foreign", nameof(CertificateVerdict.OtherNetwork))]
    [InlineData("expired", nameof(CertificateVerdict.Expired))]
    [InlineData("by a guest", nameof(CertificateVerdict.NoOffice))]
    [InlineData("of another sub-cluster", nameof(CertificateVerdict.OutOfSight))]
    [InlineData("removed", nameof(CertificateVerdict.NodeRevoked))]
    public void A_certificate_pushed_unasked_that_does_not_count_is_refused_by_name(string kind, string reason)
    {
        var scene = new AttackScene(412);
        var (anna, mallory) = (scene.Admit(Role.Admin), scene.Admit());
        var tenure = scene.Owner.Running.State.AuthorityOf(anna.Keys.UserId)!.Value;
        var sybil = MemberKeys.Generate(scene.World.Dice.Source);
        if (kind == "removed")
        {
            scene.World.Act(scene.Owner, member => member.RemoveNode(sybil.Node.Id, scene.World.Now));
            scene.World.RunFor(1);
        }
        mallory.Connect(scene.One);
        var pushed = kind switch
        {
            "foreign" => HostileMember.Sign(sybil.User, tenure, new(sybil.Node.Id), sybil),
            "expired" => HostileMember.Sign(anna.Keys.User, tenure, scene.Network, sybil, static admission => admission with { Expires = 1_700_000_000 }),
            "by a guest" => HostileMember.Sign(mallory.Keys.User, scene.OwnersAuthority, scene.Network, sybil),
            "of another sub-cluster" => HostileMember.Sign(anna.Keys.User, tenure, scene.Network, sybil, static admission => admission with { SubCluster = new("other") }),
            _ => HostileMember.Sign(anna.Keys.User, tenure, scene.Network, sybil),
        };
        var bytes = pushed.Encoded.ToArray();
        if (kind == "forged") { bytes[^1] ^= 1; }
        for (var i = 0; i < 8; i++) { mallory.Say(scene.One, Cluster.Mesh.MeshFrameType.Certificates, HostileMember.WithLength(bytes)); }

        Assert.Equal(8, scene.One.Log!.Count(CertificateRefused, reason));
        Assert.Equal(kind == "forged", mallory.IsLetGo(scene.One, MemberDisconnect.Misbehaved));
        Assert.DoesNotContain(sybil.Node.Id, scene.One.Running.Members.Select(static member => member.Id));
        Assert.DoesNotContain(scene.One.Disk.Keys, row => row.Key == Convert.ToHexString([.. Bytes(sybil.Node.Id)]));
    }

    [Fact]
    public void A_bad_certificate_among_good_ones_keeps_none_of_them_away()
    {
        var scene = new AttackScene(413);
        var mallory = scene.Admit();
        mallory.Connect(scene.One);
        var (good, bad) = (MemberKeys.Generate(scene.World.Dice.Source), MemberKeys.Generate(scene.World.Dice.Source));
        byte[] both =
        [
            .. HostileMember.WithLength(HostileMember.Sign(mallory.Keys.User, scene.OwnersAuthority, scene.Network, bad).Encoded.Span),
            .. HostileMember.WithLength(HostileMember.Sign(scene.Owner.Keys.User, scene.OwnersAuthority, scene.Network, good).Encoded.Span),
        ];
        mallory.Say(scene.One, Cluster.Mesh.MeshFrameType.Certificates, both);

        Assert.Contains(good.Node.Id, scene.One.Running.Members.Select(static member => member.Id));
        Assert.DoesNotContain(bad.Node.Id, scene.One.Running.Members.Select(static member => member.Id));
    }

    [Fact]
    public void A_delegate_whose_delegation_was_revoked_lets_nobody_in_and_those_before_stay()
    {
        var scene = new AttackScene(414);
        var mallory = scene.Admit();
        using var key = IdentityKey.Generate(scene.World.Dice.Source);
        var given = scene.World.Act(scene.Owner, member => member.Delegate(key.Id, default, 0, scene.World.Now));
        scene.World.RunFor(1);
        var (before, after) = (MemberKeys.Generate(scene.World.Dice.Source), MemberKeys.Generate(scene.World.Dice.Source));
        mallory.Connect(scene.One);
        mallory.Connect(scene.Owner);
        foreach (var node in new[] { scene.One, scene.Owner }) { mallory.Push(node, HostileMember.Sign(key, given, scene.Network, before)); }
        Assert.Contains(before.Node.Id, scene.One.Running.Members.Select(static member => member.Id));
        scene.World.Act(scene.Owner, member => member.RevokeGrant(given, scene.World.Now));
        scene.World.RunFor(1);
        mallory.Push(scene.One, HostileMember.Sign(key, given, scene.Network, after));

        scene.One.Log!.AssertSays(CertificateRefused, $"{after.Node.Id} refused: {CertificateVerdict.OfficeClosed}");
        Assert.Contains(before.Node.Id, scene.One.Running.Members.Select(static member => member.Id));
        Assert.DoesNotContain(after.Node.Id, scene.One.Running.Members.Select(static member => member.Id));
    }

    [Fact]
    public void An_admin_who_was_removed_lets_nobody_in()
    {
        var scene = new AttackScene(415);
        var (anna, accomplice, stranger) = (scene.Admit(Role.Admin), scene.Admit(), scene.Stranger());
        var tenure = scene.Owner.Running.State.AuthorityOf(anna.Keys.UserId)!.Value;
        scene.World.Act(scene.Owner, member => member.RemoveUser(anna.Keys.UserId, scene.World.Now));
        scene.World.RunFor(5);
        var late = HostileMember.Sign(anna.Keys.User, tenure, scene.Network, stranger.Keys, static admission => admission with { Issued = 1 });
        accomplice.Connect(scene.One);
        accomplice.Push(scene.One, late);
        stranger.Connect(scene.One, late.Encoded);
        scene.World.RunFor(6);

        scene.One.Log!.AssertSays(CertificateRefused, nameof(CertificateVerdict.OfficeClosed));
        scene.One.Log.AssertSays(NotProven, $"{stranger.Id} shows no membership: certificate {CertificateVerdict.OfficeClosed}");
        Assert.True(stranger.IsLetGo(scene.One, MemberDisconnect.Removed));
    }

    [Fact] // a delegate, or an admin, that signs without end
    public void Sybils_with_valid_certificates_fill_the_table_and_push_out_nobody_who_is_connected()
    {
        var scene = new AttackScene(416, new() { MaxMembers = 64 });
        var anna = scene.Admit(Role.Admin);
        var tenure = scene.Owner.Running.State.AuthorityOf(anna.Keys.UserId)!.Value;
        anna.Connect(scene.One);
        AttackScene.AssertFlat(scene.One, 150, _ =>
        {
            anna.Push(scene.One, HostileMember.Sign(anna.Keys.User, tenure, scene.Network, MemberKeys.Generate(scene.World.Dice.Source)));
            scene.World.RunFor(0.005);
        });
        scene.World.RunFor(2);

        Assert.InRange(scene.One.Running.Members.Count, 3, 65);
        Assert.InRange(scene.One.Disk.Keys.Count(static row => row.Table is MemberTable.Certificates), 1, 65);
        Assert.True(MemberSimulation.IsReachable(scene.One, scene.Owner.Id));
        Assert.Contains(scene.Owner.Id, scene.One.Verified);
        scene.World.Act(scene.Owner, member => member.RemoveUser(anna.Keys.UserId, scene.World.Now));
        scene.World.RunFor(2);
        Assert.Equal([scene.Owner.Id, scene.One.Id], scene.One.Running.Members.Select(static member => member.Id).Intersect([scene.Owner.Id, scene.One.Id]));
    }

    private static byte[] Bytes(NodeId node)
    {
        var bytes = new byte[NodeId.Size];
        node.CopyTo(bytes);
        return bytes;
    }
}
