using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Statements;
using Coco.Crypto;

namespace Coco.Cluster.Tests.Membership;

/// <summary>What an admin takes away has to be a junior's, a guest's, or its own.</summary>
public sealed class SeniorityTests
{
    private static readonly NodeId Node = Samples.Key(30).Id;

    private readonly Party _owner = Party.Knowing(1);
    private readonly Party _senior = Party.Knowing(3);
    private readonly Party _junior = Party.Knowing(4);

    public SeniorityTests()
    {
        _owner.MakesAdmin(_senior);
        _owner.MakesAdmin(_junior);
        _senior.Meets(_owner);
        _junior.Meets(_owner);
    }

    [Fact]
    public void A_junior_admin_cannot_revoke_a_node_of_a_senior_one()
    {
        var certificate = CertificateOf(_senior.Number);
        _junior.RevokesNode(Node);
        Assert.Equal(CertificateVerdict.Valid, _junior.State.Check(certificate, 0));
        Assert.False(_junior.State.CanRevokeNode(_junior.State.Admins[1].Place, certificate));

        _owner.Meets(_junior);
        _owner.RevokesNode(Node);
        Assert.Equal(CertificateVerdict.NodeRevoked, _owner.State.Check(certificate, 0));
    }

    [Fact]
    public void A_senior_admin_revokes_nodes_of_a_junior_one_and_each_its_own()
    {
        _junior.RevokesNode(Node);
        Assert.Equal(CertificateVerdict.NodeRevoked, _junior.State.Check(CertificateOf(_junior.Number), 0));
        _senior.RevokesNode(Node);
        Assert.Equal(CertificateVerdict.NodeRevoked, _senior.State.Check(CertificateOf(_junior.Number), 0));
        Assert.Equal(CertificateVerdict.NodeRevoked, _senior.State.Check(CertificateOf(_senior.Number), 0));
    }

    [Theory]
    [InlineData(5)] // a user without a role
    [InlineData(6)] // a guest
    public void Any_admin_revokes_nodes_of_users_and_guests(int user)
    {
        _owner.Says(new StatementBody.GrantRole(Samples.User(6), Role.Guest, []));
        _junior.Meets(_owner);
        _junior.RevokesNode(Node);
        Assert.Equal(CertificateVerdict.NodeRevoked, _junior.State.Check(CertificateOf(user), 0));
    }

    [Fact]
    public void The_most_senior_revocation_counts_whichever_comes_first()
    {
        _junior.RevokesNode(Node);
        _senior.RevokesNode(Node);
        _junior.Meets(_senior);
        Assert.Equal(CertificateVerdict.NodeRevoked, _junior.State.Check(CertificateOf(_senior.Number), 0));
        Assert.True(_junior.State.HasSameFacts(_senior.State));
    }

    [Fact]
    public void A_junior_admin_takes_back_no_grant_of_the_owners_or_a_seniors()
    {
        foreach (var giver in new[] { _owner, _senior })
        {
            var access = giver.Says(new StatementBody.GrantResource(new byte[] { (byte)giver.Number }));
            var role = giver.Says(new StatementBody.GrantRole(Samples.User(10 + giver.Number), Role.Guest, []));
            _junior.Meets(giver);
            var attempts = new[] { _junior.RevokesGrant(access), _junior.RevokesGrant(role) };
            Assert.All(attempts, attempt => Assert.Equal(VoidReason.NotJunior, _junior.Log.ReasonOf(attempt.Id)));
            Assert.Contains(_junior.State.Resources, grant => grant.Id == access.Id);
            Assert.Equal(Role.Guest, _junior.State.RoleOf(Samples.User(10 + giver.Number)));
        }
    }

    [Fact]
    public void A_senior_takes_back_what_a_junior_gave_also_where_it_did_not_know_of_it_yet()
    {
        var access = _junior.Says(new StatementBody.GrantResource(new byte[] { 1 }));
        var early = _senior.RevokesGrant(access);
        _senior.Meets(_junior);
        Assert.Empty(_senior.State.Resources);
        Assert.Equal(VoidReason.None, _senior.Log.ReasonOf(early.Id));
    }

    [Fact]
    public void An_admin_takes_back_its_own_grant_also_with_another_key()
    {
        var access = _senior.Says(new StatementBody.GrantResource(new byte[] { 1 }));
        var other = _senior.Says(new StatementBody.GrantResource(new byte[] { 2 }));
        _senior.RevokesGrant(other);
        var consent = Consents.Sign(Samples.Key(7), Consents.Rotation, Samples.Network, _senior.State.AuthorityOf(_senior.User)!.Value, _senior.Id, _senior.Log.TipOf(_senior.Id).Last);
        _senior.Says(new StatementBody.RotateKey(Samples.Key(7).Id, consent));
        var next = Party.Knowing(7, _senior);
        next.RevokesGrant(access);
        Assert.Empty(next.State.Resources);
    }

    private static NodeCertificate CertificateOf(int user) => NodeCertificate.Sign(Samples.Key(1), Party.Beginning.Id, new()
    {
        Network = Samples.Network, Node = Node, Name = "node", User = Samples.User(user), App = new("chat"), SubCluster = new("chat"),
        Consent = NodeCertificate.Consent(Samples.Key(user), Samples.Network, Node),
    });
}
