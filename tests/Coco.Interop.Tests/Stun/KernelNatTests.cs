using Coco.Traversal.Stun;

namespace Coco.Interop.Tests.Stun;

/// <summary>Our prober looks at NATs of the Linux kernel, with our server and with coturn as observer.</summary>
public sealed class KernelNatTests
{
    private static readonly string First = $"{StunLab.FirstAddress}:{StunLab.FirstPort}";

    public static TheoryData<string, NatMapping, NatFiltering, bool> Kinds => new()
    {
        { "none", NatMapping.None, NatFiltering.EndpointIndependent, true },
        { "firewall", NatMapping.None, NatFiltering.AddressAndPortDependent, true },
        { "full", NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent, false },
        { "addr", NatMapping.EndpointIndependent, NatFiltering.AddressDependent, false },
        { "port", NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent, false },
        { "masq", NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent, true },
        { "sym", NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent, false },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Our_prober_and_our_server_tell_the_kernels_NATs(string kind, NatMapping mapping, NatFiltering filtering, bool preservesPorts)
    {
        StunLab.Needs();
        using var lab = new StunLab(kind);
        using var server = new OurStunServer(lab);
        using var host = new ProbingHost(lab);

        Check(host.Probe(ProbingHost.Address(First)), mapping, filtering, preservesPorts);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Our_prober_and_coturn_tell_the_kernels_NATs(string kind, NatMapping mapping, NatFiltering filtering, bool preservesPorts)
    {
        StunLab.Needs("turnserver");
        using var lab = new StunLab(kind);
        using var coturn = lab.StartCoturn();
        using var host = new ProbingHost(lab);

        Check(host.Probe(ProbingHost.Address(First)), mapping, filtering, preservesPorts);
    }

    [Theory]
    [InlineData("full", NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent, false)]
    [InlineData("masq", NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent, true)]
    [InlineData("sym", NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent, false)]
    public void Our_prober_and_a_server_of_RFC_3489_tell_the_kernels_NATs(string kind, NatMapping mapping, NatFiltering filtering, bool preservesPorts)
    {
        StunLab.Needs("stund");
        using var lab = new StunLab(kind);
        using var stund = lab.StartStund();
        using var host = new ProbingHost(lab);

        Check(host.Probe(ProbingHost.Address(First)), mapping, filtering, preservesPorts);
    }

    [Theory, InlineData("full hairpin", NatHairpin.Works), InlineData("full", NatHairpin.Fails)]
    public void Hairpin_is_seen_where_the_kernel_does_it(string kind, NatHairpin expected)
    {
        StunLab.Needs();
        using var lab = new StunLab(kind);
        using var server = new OurStunServer(lab);
        using var host = new ProbingHost(lab);

        Assert.Equal(expected, host.Probe(ProbingHost.Address(First)).Hairpin);
    }

    [Fact]
    public void Dropped_UDP_is_seen_as_blocked()
    {
        StunLab.Needs();
        using var lab = new StunLab("blocked");
        using var server = new OurStunServer(lab);
        using var host = new ProbingHost(lab);

        Assert.True(host.Probe(ProbingHost.Address(First)).IsUdpBlocked);
    }

    private static void Check(NatReport report, NatMapping mapping, NatFiltering filtering, bool preservesPorts)
    {
        Assert.True(
            (report.Mapping, report.Filtering, report.PreservesPorts) == (mapping, filtering, preservesPorts),
            $"{report}: {string.Join("; ", report.Evidence)}");
        Assert.Equal(StunLab.OuterAddress, report.MappedAddress?.HostText);
        Assert.False(report.IsUdpBlocked);
    }
}
