using Coco.Cluster.Certificates;
using Coco.Cluster.Tests.Membership;
using Coco.Cluster.Tests.Statements;

namespace Coco.Cluster.Tests.Certificates;

public sealed class MemberDirectoryTests
{
    private readonly Party _owner = Party.Knowing(1);
    private readonly Party _anna = Party.Knowing(3);

    [Fact]
    public void Of_two_nodes_of_one_name_the_senior_issuers_keeps_it()
    {
        var tenure = _owner.MakesAdmin(_anna).Id;
        var byOwner = CertificateTests.ByOwner(CertificateTests.Admission(node: 50));
        var byAdmin = NodeCertificate.Sign(Samples.Key(3), tenure, CertificateTests.Admission(node: 51));
        foreach (var order in new[] { new[] { byOwner, byAdmin }, [byAdmin, byOwner] })
        {
            var directory = new MemberDirectory(10);
            foreach (var certificate in order) { directory.Add(certificate, _owner.State, 0); }
            var names = directory.Names(_owner.State, 0);
            Assert.Equal(byOwner.Id, names["phone"].Id);
            Assert.Equal(byAdmin.Id, names[$"phone~{byAdmin.Node.ToString()[..4]}"].Id);
        }
    }

    [Fact]
    public void Of_equals_the_smaller_certificate_keeps_it_and_nobody_takes_the_name_of_a_loser()
    {
        var pair = Enumerable.Range(60, 2).Select(node => CertificateTests.ByOwner(CertificateTests.Admission(node: node))).OrderBy(static certificate => certificate.Id).ToArray();
        var loser = $"phone~{pair[1].Node.ToString()[..4]}";
        var directory = new MemberDirectory(10);
        foreach (var certificate in pair) { directory.Add(certificate, _owner.State, 0); }
        directory.Add(CertificateTests.ByOwner(CertificateTests.Admission(node: 62, name: loser)), _owner.State, 0);
        var names = directory.Names(_owner.State, 0);
        Assert.Equal((3, pair[0].Id), (names.Count, names["phone"].Id));
        Assert.Equal(3, names.Values.Select(static certificate => certificate.Node).Distinct().Count());
    }

    [Fact]
    public void A_later_certificate_of_a_node_replaces_the_earlier_one()
    {
        var (early, late) = (CertificateTests.ByOwner(), CertificateTests.ByOwner(CertificateTests.Admission() with { Issued = 200 }));
        var directory = new MemberDirectory(10);
        foreach (var certificate in new[] { late, early }) { Assert.Equal(CertificateVerdict.Valid, directory.Add(certificate, _owner.State, 0)); }
        Assert.Equal(late.Id, directory.Find(late.Node, _owner.State, 0)!.Id);
    }

    [Fact]
    public void It_keeps_so_many_and_shows_no_revoked_ones()
    {
        var directory = new MemberDirectory(3);
        var all = Enumerable.Range(70, 5).Select(node => CertificateTests.ByOwner(CertificateTests.Admission(node: node, name: $"n{node}"))).ToArray();
        foreach (var certificate in all) { directory.Add(certificate, _owner.State, 0); }
        Assert.Equal((3, "n72 n73 n74"), (directory.Count, string.Join(' ', directory.Names(_owner.State, 0).Keys)));
        _owner.RevokesNode(all[3].Node);
        Assert.Equal("n72 n74", string.Join(' ', directory.Names(_owner.State, 0).Keys));
        Assert.Null(directory.Find(all[3].Node, _owner.State, 0));
        Assert.Equal(CertificateVerdict.NodeRevoked, directory.Add(all[3], _owner.State, 0));
    }
}
