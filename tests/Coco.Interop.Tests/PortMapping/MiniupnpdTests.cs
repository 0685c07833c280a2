using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Transport.PortMapping;
using Coco.Transport.Udp;
using Coco.Traversal.PortMapping;

namespace Coco.Interop.Tests.PortMapping;

/// <summary>Port mapping at a real router: a home behind the kernel's NAT with miniupnpd, and a host outside that knocks.</summary>
public sealed class MiniupnpdTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly KernelInternet _internet = Create();
    private readonly KernelHost _server;
    private readonly KernelRouter _home;
    private readonly KernelHost _host;
    private readonly TwoAddressStun _stun;
    private readonly Channel<IReadOnlyList<PortMappingInfo>> _reports = Channel.CreateUnbounded<IReadOnlyList<PortMappingInfo>>();

    public MiniupnpdTests()
    {
        _server = _internet.AddServer("server");
        _home = _internet.AddHome("home", NatKind.PortPreserving);
        _host = _home.AddHost("host");
        _internet.Start();
        _stun = new(_server);
    }

    [Theory]
    [InlineData(PortMappingProtocol.Pcp)]
    [InlineData(PortMappingProtocol.NatPmp)]
    [InlineData(PortMappingProtocol.Upnp)]
    internal async Task A_mapped_port_is_reached_from_outside_until_stop(PortMappingProtocol protocol)
    {
        using var router = StartRouter();
        using var udp = Bound(SocketType.Dgram);
        using var tcp = Bound(SocketType.Stream);
        tcp.Listen();
        Assert.False(await ArrivesAsync(udp, Outside(udp), TimeSpan.FromMilliseconds(300)));

        await using var service = Service(new() { Protocols = [protocol] });
        await service.StartAsync(PortOf(udp), PortOf(tcp), TestContext.Current.CancellationToken);
        var mappings = await ReportAsync(list => list.Count == 2);

        Assert.All(mappings, one => Assert.Equal((protocol, false, _home.OuterAddress), (one.Protocol, one.IsSuspicious, one.External.ToIPAddress())));
        Assert.True(await ArrivesAsync(udp, mappings.Single(one => one.Transport is MappedTransport.Udp).External.ToIPEndPoint(), Patience));
        await ConnectAsync(tcp, mappings.Single(one => one.Transport is MappedTransport.Tcp).External.ToIPEndPoint());

        await service.StopAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("dnat", router.Rules);
        Assert.False(await ArrivesAsync(udp, Outside(udp), TimeSpan.FromMilliseconds(300)));
    }

    [Theory]
    [InlineData(PortMappingProtocol.Pcp)]
    [InlineData(PortMappingProtocol.NatPmp)]
    [InlineData(PortMappingProtocol.Upnp)]
    internal async Task A_mapping_is_renewed_before_it_ends(PortMappingProtocol protocol)
    {
        using var router = StartRouter();
        using var udp = Bound(SocketType.Dgram);
        await using var service = Service(new() { Protocols = [protocol], Lifetime = TimeSpan.FromSeconds(6) });
        await service.StartAsync(PortOf(udp), 0, TestContext.Current.CancellationToken);
        var first = (await ReportAsync(list => list.Count == 1))[0];

        var renewed = (await ReportAsync(list => list.Count == 1 && list[0].Expiry > first.Expiry))[0];
        await ReportAsync(list => list.Count == 1 && list[0].Expiry > renewed.Expiry); // by now the first grant is over

        Assert.True(await ArrivesAsync(udp, renewed.External.ToIPEndPoint(), Patience));
    }

    [Theory]
    [InlineData(PortMappingProtocol.Pcp)]
    [InlineData(PortMappingProtocol.NatPmp)]
    [InlineData(PortMappingProtocol.Upnp)]
    internal async Task After_the_daemon_restarted_the_mapping_is_made_again(PortMappingProtocol protocol)
    {
        using var router = StartRouter();
        using var udp = Bound(SocketType.Dgram);
        await using var service = Service(new()
        {
            // The daemon announces itself, by PCP, which is heard whatever we speak with it.
            Protocols = [protocol], CheckInterval = TimeSpan.FromMinutes(15), RetryDelay = TimeSpan.FromSeconds(1),
        });
        await service.StartAsync(PortOf(udp), 0, TestContext.Current.CancellationToken);
        var first = (await ReportAsync(list => list.Count == 1))[0];

        await router.LiveAsync(TimeSpan.FromSeconds(6));
        Assert.DoesNotContain("dnat", router.Restart());
        router.WaitFor("now enabled");
        await ReportAsync(list => list.Count == 1 && list[0].Expiry > first.Expiry); // before, it is only doubted

        Assert.Contains("dnat", router.Rules);
        Assert.True(await ArrivesAsync(udp, Outside(udp), Patience));
    }

    [Fact]
    public async Task All_together_one_protocol_is_chosen_and_nothing_is_left_at_the_end()
    {
        using var router = StartRouter();
        using var udp = Bound(SocketType.Dgram);
        await using var service = Service(new() { Stagger = TimeSpan.Zero });
        await service.StartAsync(PortOf(udp), 0, TestContext.Current.CancellationToken);
        var mapping = Assert.Single(await ReportAsync(list => list.Count == 1));
        Assert.True(await ArrivesAsync(udp, mapping.External.ToIPEndPoint(), Patience));

        await service.StopAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("dnat", router.Rules);
    }

    [Theory]
    [InlineData(PortMappingProtocol.Pcp)]
    [InlineData(PortMappingProtocol.NatPmp)]
    [InlineData(PortMappingProtocol.Upnp)]
    internal async Task A_port_that_a_neighbour_has_is_left_to_it(PortMappingProtocol protocol)
    {
        using var router = StartRouter();
        var neighbour = _home.AddHost("neighbour");
        using var udp = Bound(SocketType.Dgram);
        using var theirs = Bound(SocketType.Dgram, neighbour, PortOf(udp));
        await using var first = Service(new() { Protocols = [protocol] }, neighbour);
        await first.StartAsync(PortOf(udp), 0, TestContext.Current.CancellationToken);
        var taken = (await ReportAsync(list => list.Count == 1))[0].External;

        await using var service = Service(new() { Protocols = [protocol] });
        await service.StartAsync(PortOf(udp), 0, TestContext.Current.CancellationToken);
        var ours = (await ReportAsync(list => list.Count == 1))[0].External;

        Assert.NotEqual(taken, ours);
        Assert.True(await ArrivesAsync(udp, ours.ToIPEndPoint(), Patience));
        Assert.True(await ArrivesAsync(theirs, taken.ToIPEndPoint(), Patience));
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

    private Miniupnpd StartRouter()
    {
        var router = new Miniupnpd(_home, _stun);
        router.WaitFor("now enabled");
        return router;
    }

    private PortMappingService Service(PortMapperOptions mapper, KernelHost? host = null)
    {
        host ??= _host;
        var local = host.Address.ToNetworkAddress();
        return new(new()
        {
            Mapper = mapper,
            CreateSocket = host.CreateSocket,
            ReadGateways = () => [new(Coco.Traversal.NetworkAddress.FromIpv4((local.Ipv4 & 0xFFFFFF00) | 1, 0), local, 24)],
        })
        { Changed = list => _reports.Writer.TryWrite(list) };
    }

    private async Task<IReadOnlyList<PortMappingInfo>> ReportAsync(Func<IReadOnlyList<PortMappingInfo>, bool> isWanted)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        while (true)
        {
            var list = await _reports.Reader.ReadAsync(deadline.Token);
            if (isWanted(list)) { return list; }
        }
    }

    private Socket Bound(SocketType type, KernelHost? host = null, int port = 0)
    {
        var socket = (host ?? _host).CreateSocket(AddressFamily.InterNetwork, type, type is SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        return socket;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private IPEndPoint Outside(Socket socket) => new(_home.OuterAddress, PortOf(socket));

    /// <summary>Sends from a new port of the server until it arrives or the time is over: a flow that was let in once would be let in again.</summary>
    private async Task<bool> ArrivesAsync(Socket inside, IPEndPoint outside, TimeSpan patience)
    {
        using var knocking = _server.CreateSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        knocking.Bind(new IPEndPoint(_server.Address, 0));
        var secret = Guid.NewGuid().ToByteArray();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(patience);
        var buffer = new byte[100];
        try
        {
            await knocking.SendToAsync(secret, outside, deadline.Token);
            while (true)
            {
                var received = await inside.ReceiveAsync(buffer, deadline.Token);
                if (buffer.AsSpan(0, received).SequenceEqual(secret)) { return true; }
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task ConnectAsync(Socket listener, IPEndPoint outside)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        using var knocking = _server.CreateSocket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await knocking.ConnectAsync(outside, deadline.Token);
        using var accepted = await listener.AcceptAsync(deadline.Token);
        Assert.Equal(_server.Address, ((IPEndPoint)accepted.RemoteEndPoint!).Address);
    }
}
