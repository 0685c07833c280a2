using System.Net;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Transport.Netcheck;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Stun;

namespace Coco.Interop.Tests.PortMapping;

/// <summary>What a host finds out about itself behind a real router with miniupnpd.</summary>
public sealed class NetworkCheckTests : IDisposable
{
    private readonly KernelInternet _internet = Create();
    private readonly KernelRouter _home;
    private readonly KernelHost _host;
    private readonly TwoAddressStun _stun;

    public NetworkCheckTests()
    {
        var server = _internet.AddServer("server");
        _home = _internet.AddHome("home", NatKind.PortPreserving);
        _host = _home.AddHost("host");
        _internet.Start();
        _stun = new(server);
    }

    [Fact]
    public async Task A_router_that_opens_ports_is_found_and_has_closed_them_at_the_end()
    {
        using var router = new Miniupnpd(_home, _stun);
        router.WaitFor("now enabled");

        var report = await CheckAsync();

        var port = Assert.Single(report.PortMapping!.Mappings);
        Assert.Equal(("PCP", false, _home.OuterAddress), (port.Protocol, port.IsSuspicious, port.External.Address));
        Assert.True(report.PortMapping.IsRemoved);
        Assert.DoesNotContain("dnat", router.Rules);
        Assert.Contains(report.Findings, finding => finding is { Code: NetworkFindingCode.PortsMapped, IsGood: true });
        Assert.Equal((NatMapping.EndpointIndependent, true), (report.Ipv4!.Mapping, report.Ipv4.PreservesPorts));
    }

    public void Dispose()
    {
        _stun.Dispose();
        _internet.Dispose();
    }

    private static KernelInternet Create()
    {
        Miniupnpd.Need();
        return new();
    }

    private async Task<NetworkCheckReport> CheckAsync()
    {
        var local = _host.Address.ToNetworkAddress();
        var options = new NetworkCheckOptions
        {
            StunServers = [.. _stun.Addresses.Select(address => new IPEndPoint(address, TwoAddressStun.Port))],
            PortMapping = new()
            {
                CreateSocket = _host.CreateSocket,
                ReadGateways = () => [new(NetworkAddress.FromIpv4((local.Ipv4 & 0xFFFFFF00) | 1, 0), local, 24)],
            },
        };
        using var network = new NamespaceNetwork(_host.Namespace);
        return await NetworkCheck.RunAsync(options, network, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(40), TestContext.Current.CancellationToken);
    }
}
