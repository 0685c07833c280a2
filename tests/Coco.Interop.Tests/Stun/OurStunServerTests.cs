namespace Coco.Interop.Tests.Stun;

/// <summary>Clients of others look at NATs of the Linux kernel with our server.</summary>
public sealed class OurStunServerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory] // a client of RFC 3489, as routers and telephones are
    [InlineData("none", "Open")]
    [InlineData("firewall", "Firewall")]
    [InlineData("full", "Independent Mapping, Independent Filter, random port, no hairpin")]
    [InlineData("addr", "Independent Mapping, Address Dependent Filter, random port, no hairpin")]
    [InlineData("port", "Independent Mapping, Port Dependent Filter, random port, no hairpin")]
    [InlineData("masq", "Independent Mapping, Port Dependent Filter, preserves ports, no hairpin")]
    [InlineData("sym", "Dependent Mapping, random port, no hairpin")]
    public void Stun_client_tells_the_kernels_NATs_with_our_server(string kind, string expected)
    {
        StunLab.Needs("stun");
        using var lab = new StunLab(kind);
        using var server = new OurStunServer(lab);

        using var client = lab.Inside.Start("stun", StunLab.FirstAddress);

        Assert.StartsWith($"Primary: {expected}", client.WaitForLine("Primary:", Limit), StringComparison.Ordinal);
    }

    [Theory] // a client of RFC 5780
    [InlineData("none", "No NAT!", "NAT with Endpoint Independent Filtering!")]
    [InlineData("full", "NAT with Endpoint Independent Mapping!", "NAT with Endpoint Independent Filtering!")]
    [InlineData("addr", "NAT with Endpoint Independent Mapping!", "NAT with Address Dependent Filtering!")]
    [InlineData("port", "NAT with Endpoint Independent Mapping!", "NAT with Address and Port Dependent Filtering!")]
    [InlineData("sym", "NAT with Address and Port Dependent Mapping!", "NAT with Address and Port Dependent Filtering!")]
    public void Coturns_client_tells_the_kernels_NATs_with_our_server(string kind, string mapping, string filtering)
    {
        StunLab.Needs("turnutils_natdiscovery");
        using var lab = new StunLab(kind);
        using var server = new OurStunServer(lab);

        using var client = lab.Inside.Start("turnutils_natdiscovery", "-m", "-f", "-L", lab.InsideAddress, StunLab.FirstAddress);

        Assert.True(client.WaitForExit(Limit) == 0, client.Output);
        Assert.Contains(mapping, client.Output, StringComparison.Ordinal);
        Assert.Contains(filtering, client.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Coturns_plain_client_reads_our_answer()
    {
        StunLab.Needs("turnutils_stunclient");
        using var lab = new StunLab("masq");
        using var server = new OurStunServer(lab);

        // It goes on to ask for answers that this NAT keeps out, and waits for them for ever.
        using var client = lab.Inside.Start("turnutils_stunclient", "-L", lab.InsideAddress, StunLab.FirstAddress);

        Assert.Contains($"UDP reflexive addr: {StunLab.OuterAddress}:", client.WaitForLine("UDP reflexive addr", Limit), StringComparison.Ordinal);
        Assert.Contains($"Other addr: : {StunLab.SecondAddress}:{StunLab.SecondPort}", client.Output, StringComparison.Ordinal);
    }
}
