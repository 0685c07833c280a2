using System.Net;
using System.Net.Sockets;
using Coco.Crypto;
using Coco.Transport.Netcheck;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;
using Coco.Traversal.Stun;

namespace Coco.Transport.Tests.Netcheck;

/// <summary>A host's look at its own situation, on loopback.</summary>
public sealed class NetworkCheckTests : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _endpoints = [];
    private readonly List<Socket> _silent = [];
    private readonly IdentityKey _relayKey = IdentityKey.Generate();

    [Fact]
    public async Task A_relay_is_reached_by_UDP_TCP_and_WebSocket()
    {
        var relay = await StartRelayAsync();
        var url = $"wss://{relay.WebSocketEndPoints[0]}";
        var report = await CheckAsync([new(relay.Id, [AddressOf(relay)], url)]);

        var check = Assert.Single(report.Relays);
        Assert.All(check.Attempts, attempt => Assert.True(attempt.IsReached, $"{attempt}"));
        Assert.Equal([RelayTransport.Udp, RelayTransport.Tcp, RelayTransport.WebSocket], check.Attempts.Select(attempt => attempt.Transport));
        Assert.All(check.Attempts, attempt => Assert.InRange(attempt.Latency!.Value, TimeSpan.FromMicroseconds(1), TimeSpan.FromSeconds(5)));
        Assert.Equal(RelayTransport.Udp, check.Best!.Transport);
        Assert.True(report.Works);
        Assert.Contains(report.Findings, finding => finding.Code is NetworkFindingCode.RelayByUdp);
    }

    [Fact]
    public async Task A_relay_without_UDP_is_reached_by_WebSocket_and_that_is_said()
    {
        var relay = await StartRelayAsync();
        var report = await CheckAsync([new(relay.Id, [Silent()], $"wss://{relay.WebSocketEndPoints[0]}")], TimeSpan.FromSeconds(5));

        Assert.Equal(RelayTransport.WebSocket, report.Relays[0].Best!.Transport);
        Assert.False(report.Relays[0].IsReachedBy(RelayTransport.Udp));
        Assert.Contains(report.Findings, finding => finding.Code is NetworkFindingCode.RelayWithoutUdp);
        Assert.Contains(report.Findings, finding => finding.Code is NetworkFindingCode.UdpBlocked);
    }

    [Fact]
    public async Task Somebody_else_at_the_address_is_no_relay_reached()
    {
        var relay = await StartRelayAsync();
        using var other = IdentityKey.Generate();
        var report = await CheckAsync([new(other.Id, [AddressOf(relay)])], TimeSpan.FromSeconds(2));

        Assert.Null(report.Relays[0].Best);
        Assert.All(report.Relays[0].Attempts, attempt => Assert.NotNull(attempt.Failure));
        Assert.Contains(report.Findings, finding => finding.Code is NetworkFindingCode.RelayNotReached);
    }

    [Fact]
    public async Task Two_observers_that_see_one_address_show_that_there_is_no_NAT()
    {
        var (first, second) = (await StartRelayAsync(), await StartRelayAsync());
        var report = await CheckAsync([], stunServers: [first.LocalEndPoints[0], second.LocalEndPoints[0]]);

        Assert.Equal(NatMapping.None, report.Ipv4!.Mapping);
        Assert.Equal(IPAddress.Loopback.ToNetworkAddress(), report.Ipv4.MappedAddress!.Value.WithPort(0));
        Assert.Equal(2, report.Ipv4.MappedAddresses.Count);
        Assert.Contains(report.Findings, finding => finding is { Code: NetworkFindingCode.PublicAddress, IsGood: true });
    }

    [Fact]
    public async Task Where_nobody_answers_nothing_works_and_the_check_ends_in_time()
    {
        var report = await CheckAsync([], TimeSpan.FromSeconds(4), [Silent().ToIPEndPoint()]);

        Assert.False(report.Works);
        Assert.Equal(NetworkFindingCode.NothingWorks, report.Findings[0].Code);
        Assert.True(report.Ipv4!.IsUdpBlocked);
        Assert.InRange(report.Duration, TimeSpan.Zero, TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task Without_anybody_to_ask_no_packet_leaves_and_an_address_is_enough()
    {
        using var network = new LoopbackNetwork();
        var report = await NetworkCheck.RunAsync(new() { MapsPorts = false }, network, CancellationToken.None);

        Assert.True(report.Works);
        Assert.Equal((null, null, null), (report.Ipv4, report.Ipv6, report.PortMapping));
        Assert.Equal([NetworkFindingCode.NobodyAsked], report.Findings.Select(finding => finding.Code));
    }

    [Fact]
    public async Task Cancelling_ends_the_check()
    {
        using var network = new LoopbackNetwork();
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var options = new NetworkCheckOptions { StunServers = [Silent().ToIPEndPoint()], MapsPorts = false, Timeout = TimeSpan.FromMinutes(1) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => NetworkCheck.RunAsync(options, network, source.Token).WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void More_servers_than_can_be_asked_are_refused() =>
        Assert.Throws<ArgumentException>(() => new NetworkCheckOptions { StunServers = [.. Enumerable.Repeat(new IPEndPoint(IPAddress.Loopback, 1), 9)] });

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints) { await endpoint.DisposeAsync(); }
        foreach (var socket in _silent) { socket.Dispose(); }
        _relayKey.Dispose();
    }

    // A bound socket that nobody reads: packets to it vanish, where an unbound port would answer by ICMP.
    private NetworkAddress Silent()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _silent.Add(socket);
        return ((IPEndPoint)socket.LocalEndPoint!).ToNetworkAddress();
    }

    private async Task<Endpoint> StartRelayAsync()
    {
        var relay = await Endpoint.StartAsync(new()
        {
            Identities = [_relayKey],
            ListenAddresses = [new(IPAddress.Loopback, 0)],
            WebSocketAddresses = [new(IPAddress.Loopback, 0)],
            RelayServer = new(),
        });
        _endpoints.Add(relay);
        return relay;
    }

    private static NetworkAddress AddressOf(Endpoint relay) => relay.LocalEndPoints[0].ToNetworkAddress();

    private static async Task<NetworkCheckReport> CheckAsync(
        IReadOnlyList<RelayInfo> relays, TimeSpan? timeout = null, IReadOnlyList<IPEndPoint>? stunServers = null)
    {
        using var network = new LoopbackNetwork();
        var options = new NetworkCheckOptions { Relays = relays, StunServers = stunServers ?? [], MapsPorts = false, Timeout = timeout ?? TimeSpan.FromSeconds(20) };
        return await NetworkCheck.RunAsync(options, network, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(40));
    }

    private sealed class LoopbackNetwork : HostNetwork
    {
        public override UdpChannel CreateUdp(IPEndPoint local, UdpChannelOptions options) => UdpChannel.Bind(local, options);

        public override Socket CreateTcpSocket(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp);

        public override IReadOnlyList<InterfaceAddress> GetInterfaces() => [new(IPAddress.Loopback.ToNetworkAddress(), 8, 1, "lo", HasDefaultRoute: true, 65_536)];

        protected override void Dispose(bool disposing)
        {
        }
    }
}
