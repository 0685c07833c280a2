using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.Cluster.Tests.Membership;
using Coco.Cluster.Tests.Statements;

namespace Coco.Cluster.Tests.Certificates;

public sealed class CertificateTests
{
    private readonly Party _owner = Party.Knowing(1);
    private readonly Party _anna = Party.Knowing(3);
    private readonly Party _bert = Party.Knowing(4);

    private static StatementId First => Party.Beginning.Id;

    internal static NodeAdmission Admission(int user = 5, int node = 40, string name = "phone") => new()
    {
        Network = Samples.Network, Node = Samples.Key(node).Id, Name = name, User = Samples.User(user), App = new("org.example.chat"),
        SubCluster = new("org.example.chat"), Tags = ["upstairs"], Issued = 100, Serial = 1,
        Consent = NodeCertificate.Consent(Samples.Key(user), Samples.Network, Samples.Key(node).Id),
    };

    internal static NodeCertificate ByOwner(NodeAdmission? admission = null) => NodeCertificate.Sign(Samples.Key(1), First, admission ?? Admission());

    private StatementId Appoint(Party admin)
    {
        var tenure = _owner.MakesAdmin(admin).Id;
        admin.Meets(_owner);
        return tenure;
    }

    private static NodeAdmission Device() => Admission() with { App = default };

    [Fact]
    public void A_certificate_says_what_its_issuer_signed()
    {
        var admission = Admission() with { IsGateway = true, Class = NodeClass.Backbone, Expires = 500 };
        var signed = ByOwner(admission);
        var read = NodeCertificate.Read(signed.Encoded.Span)!;
        Assert.Equal((signed.Id, signed.Issuer, First), (read.Id, read.Issuer, read.Authority));
        Assert.Equal(admission with { Tags = [], Consent = default }, read.Admission with { Tags = [], Consent = default });
        Assert.Equal(["upstairs"], read.Admission.Tags);
        Assert.True(NodeCertificate.Read(ByOwner(Device()).Encoded.Span)!.Admission.IsDevice);
    }

    [Fact]
    public void No_bit_of_it_can_be_changed_and_no_part_left_out()
    {
        var bytes = ByOwner().Encoded.ToArray();
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(NodeCertificate.Read(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (var length = 0; length < bytes.Length; length++) { Assert.Null(NodeCertificate.Read(bytes.AsSpan(0, length))); }
    }

    [Fact]
    public void No_bytes_make_the_reader_throw_though_they_are_signed()
    {
        var random = new Random(14);
        var seed = ByOwner().Encoded.ToArray();
        for (var i = 0; i < (Samples.All ? 1_000_000 : 20_000); i++)
        {
            var bytes = (byte[])seed.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--) { bytes[random.Next(65, bytes.Length - 200)] = (byte)random.Next(256); }
            if (i % 2 == 0) { Samples.Key(1).Sign([.. "coco certificate v1"u8, .. bytes[..^64]], bytes.AsSpan(^64)); }
            var read = NodeCertificate.Read(bytes.AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length));
            Assert.True(read is null || read.Encoded.Length == seed.Length);
        }
    }

    [Fact]
    public void A_node_is_admitted_only_with_the_consent_of_its_user()
    {
        Assert.Throws<ArgumentException>(() => ByOwner(Admission() with { User = Samples.User(6) }));
        Assert.Throws<ArgumentException>(() => ByOwner(Admission() with { Node = Samples.Key(41).Id }));
        Assert.Throws<ArgumentException>(() => ByOwner(Admission() with { Name = "" }));
        Assert.Throws<ArgumentException>(() => ByOwner(Admission() with { Tags = ["Upstairs"] }));
        // An issuer that does not mind: the consent is of another node.
        var bytes = ByOwner().Encoded.ToArray();
        bytes[34] ^= 1; // of the node's key
        Samples.Key(1).Sign([.. "coco certificate v1"u8, .. bytes[..^64]], bytes.AsSpan(^64));
        Assert.Null(NodeCertificate.Read(bytes));
    }

    [Fact]
    public void What_the_owner_and_admins_admit_is_valid()
    {
        var tenure = Appoint(_anna);
        Assert.Equal(CertificateVerdict.Valid, _owner.State.Check(ByOwner(), 0));
        Assert.Equal(CertificateVerdict.Valid, _owner.State.Check(NodeCertificate.Sign(Samples.Key(3), tenure, Admission()), 0));
        Assert.Equal(CertificateVerdict.Valid, _owner.State.Check(ByOwner(Device()), 0));
    }

    [Fact]
    public void What_others_admit_is_not()
    {
        var tenure = Appoint(_anna);
        var guest = _owner.Says(new StatementBody.GrantRole(_bert.User, Role.Guest, [])).Id;
        var state = _owner.State;
        Assert.Equal(CertificateVerdict.NoOffice, state.Check(NodeCertificate.Sign(Samples.Key(4), guest, Admission()), 0));
        Assert.Equal(CertificateVerdict.NoOffice, state.Check(NodeCertificate.Sign(Samples.Key(4), First, Admission()), 0));
        Assert.Equal(CertificateVerdict.NoOffice, state.Check(NodeCertificate.Sign(Samples.Key(4), tenure, Admission()), 0));
        Assert.Equal(CertificateVerdict.NoOffice, state.Check(NodeCertificate.Sign(Samples.Key(2), First, Admission()), 0)); // the recovery key
        Assert.Equal(CertificateVerdict.NotPermitted, state.Check(NodeCertificate.Sign(Samples.Key(3), tenure, Device()), 0));
        var elsewhere = Admission() with { Network = new(Samples.Key(9).Id), Consent = NodeCertificate.Consent(Samples.Key(5), new(Samples.Key(9).Id), Samples.Key(40).Id) };
        Assert.Equal(CertificateVerdict.OtherNetwork, state.Check(ByOwner(elsewhere), 0));
    }

    [Fact]
    public void It_expires_by_the_best_known_time()
    {
        var certificate = ByOwner(Admission() with { Expires = 500 });
        Assert.Equal((CertificateVerdict.Valid, CertificateVerdict.Expired), (_owner.State.Check(certificate, 499), _owner.State.Check(certificate, 500)));
        Assert.Equal(CertificateVerdict.Valid, _owner.State.Check(ByOwner(), ulong.MaxValue)); // no expiry
    }

    [Fact]
    public void Revoking_an_admin_keeps_the_certificates_it_names_whatever_dates_they_bear()
    {
        var tenure = Appoint(_anna);
        var kept = NodeCertificate.Sign(Samples.Key(3), tenure, Admission());
        var late = NodeCertificate.Sign(Samples.Key(3), tenure, Admission(node: 41) with { Issued = 1 });
        _owner.RevokesUser(_anna, keep: Keep.Only([kept.Id]));
        Assert.Equal(CertificateVerdict.Valid, _owner.State.Check(kept, 0));
        Assert.Equal(CertificateVerdict.OfficeClosed, _owner.State.Check(late, 0));
    }

    [Fact]
    public void What_a_void_appointment_admitted_is_void()
    {
        Appoint(_anna);
        var appointment = _anna.MakesAdmin(_bert).Id;
        _owner.Meets(_anna);
        var certificate = NodeCertificate.Sign(Samples.Key(4), appointment, Admission());
        Assert.Equal(CertificateVerdict.Valid, _owner.State.Check(certificate, 0));
        _owner.RevokesUser(_anna, cut: new(0, default), keep: Keep.All);
        Assert.Equal(CertificateVerdict.NoOffice, _owner.State.Check(certificate, 0));
    }

    [Fact]
    public void A_revoked_user_loses_all_nodes_and_a_revoked_node_itself()
    {
        var (phone, tablet, other) = (ByOwner(), ByOwner(Admission(node: 41)), ByOwner(Admission(user: 6, node: 42)));
        _owner.RevokesNode(phone.Node);
        Assert.Equal((CertificateVerdict.NodeRevoked, CertificateVerdict.Valid), (_owner.State.Check(phone, 0), _owner.State.Check(tablet, 0)));
        _owner.RevokesUser(new(5));
        Assert.Equal((CertificateVerdict.UserRevoked, CertificateVerdict.Valid), (_owner.State.Check(tablet, 0), _owner.State.Check(other, 0)));
    }

    [Fact]
    public void Only_the_owner_removes_devices_and_nodes_of_the_owner()
    {
        Appoint(_anna);
        var (device, owners, guests) = (ByOwner(Device()), ByOwner(Admission(user: 1, node: 41)), ByOwner(Admission(user: 5, node: 42)));
        foreach (var certificate in new[] { device, owners, guests }) { _anna.RevokesNode(certificate.Node); }
        _anna.RevokesUser(new(5));
        var state = _anna.State;
        Assert.Equal((CertificateVerdict.Valid, CertificateVerdict.Valid, CertificateVerdict.UserRevoked), (state.Check(device, 0), state.Check(owners, 0), state.Check(guests, 0)));
        _owner.Meets(_anna);
        _owner.RevokesNode(device.Node);
        Assert.Equal(CertificateVerdict.NodeRevoked, _owner.State.Check(device, 0));
    }

    [Fact]
    public void A_delegate_admits_within_its_scope_and_falls_with_it()
    {
        Appoint(_anna);
        var grant = _anna.Says(new StatementBody.Delegate(Samples.Key(9).Id, new("org.example.chat"), 1000));
        _owner.Meets(_anna);
        NodeCertificate By(NodeAdmission admission) => NodeCertificate.Sign(Samples.Key(9), grant.Id, admission);
        var good = By(Admission() with { Expires = 1000 });
        Assert.Equal(CertificateVerdict.Valid, _owner.State.Check(good, 0));
        Assert.Equal(CertificateVerdict.NotPermitted, _owner.State.Check(By(Admission()), 0)); // for ever
        Assert.Equal(CertificateVerdict.NotPermitted, _owner.State.Check(By(Admission() with { Expires = 1001 }), 0));
        Assert.Equal(CertificateVerdict.NotPermitted, _owner.State.Check(By(Admission() with { Expires = 1000, SubCluster = SubClusterId.Core }), 0));
        Assert.Equal(CertificateVerdict.NotPermitted, _owner.State.Check(By(Device() with { Expires = 1000 }), 0));
        _owner.RevokesGrant(grant, keep: Keep.None);
        Assert.Equal(CertificateVerdict.OfficeClosed, _owner.State.Check(good, 0));
    }

    [Fact]
    public void What_a_former_owner_admitted_stays_as_the_transfer_and_the_new_owner_say()
    {
        var (kept, gone) = (ByOwner(), ByOwner(Admission(node: 41)));
        _owner.TransfersTo(_anna);
        _anna.Meets(_owner);
        Assert.Equal(CertificateVerdict.Valid, _anna.State.Check(gone, 0));
        _anna.Says(new StatementBody.Revoke(RevokeKind.Grant, First, default, Keep.Only([kept.Id])));
        Assert.Equal((CertificateVerdict.Valid, CertificateVerdict.OfficeClosed), (_anna.State.Check(kept, 0), _anna.State.Check(gone, 0)));
    }

    [Fact]
    public void What_a_rotated_key_admitted_falls_with_its_successor()
    {
        var tenure = Appoint(_anna);
        var certificate = NodeCertificate.Sign(Samples.Key(3), tenure, Admission());
        var consent = Consents.Sign(Samples.Key(4), Consents.Rotation, Samples.Network, tenure, _anna.Id, default);
        _anna.Says(new StatementBody.RotateKey(_bert.Id, consent));
        _owner.Meets(_anna);
        Assert.Equal(CertificateVerdict.Valid, _owner.State.Check(certificate, 0));
        _owner.RevokesUser(_bert);
        Assert.Equal(CertificateVerdict.OfficeClosed, _owner.State.Check(certificate, 0));
    }

    [Fact]
    public void A_node_is_renamed_and_moved_and_the_owners_only_by_the_owner()
    {
        Appoint(_anna);
        var (guests, owners) = (ByOwner(), ByOwner(Admission(user: 1, node: 41, name: "desk")));
        foreach (var certificate in new[] { guests, owners })
        {
            _anna.Says(new StatementBody.Rename(certificate.Node, "renamed"));
            _anna.Says(new StatementBody.MoveNode(certificate.Node, SubClusterId.Core));
        }
        Assert.Equal(("renamed", SubClusterId.Core), (_anna.State.NameOf(guests), _anna.State.SubClusterOf(guests)));
        Assert.Equal(("desk", new SubClusterId("org.example.chat")), (_anna.State.NameOf(owners), _anna.State.SubClusterOf(owners)));
    }
}
