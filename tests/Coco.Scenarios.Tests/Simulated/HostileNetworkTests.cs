using Coco.Lab.Nat;
using Coco.Lab.Simulated;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Networks that let little through, or only what they know.</summary>
public sealed class HostileNetworkTests
{
    [Fact]
    public void Tcp_443_alone_is_enough()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.UdpBlocked, 1, Only443), callee = scene.Add(NatKind.UdpBlocked, 2, Only443);
        RunByRelay(scene, caller, callee, LinkKind.WebSocket, VerdictCode.UdpBlockedHere, VerdictCode.UdpBlockedHere);

        static RouterOptions Only443(RouterOptions options) => options with { TcpPorts = [443] };
    }

    [Fact]
    public void Http_proxy_alone_is_enough()
    {
        using var scene = new RoamingScene();
        SimulatedProxy.Serve(scene.Internet.AddHost("proxy", "198.51.100.80"), 3128);
        var home = SimulatedHome.Add(scene.Internet, NatKind.UdpBlocked, 1, static options => options with { TcpPorts = [3128] });
        home.Host.HttpProxy = SimulatedInternet.Address("198.51.100.80:3128");
        RoamingPeer caller = scene.Add(home.Host), callee = scene.Add(NatKind.PortRestricted, 2);
        RunByRelay(scene, caller, callee, LinkKind.WebSocket, VerdictCode.UdpBlockedHere, VerdictCode.UdpBlockedAtPeer);
    }

    [Fact]
    public void Proxy_that_opens_tls_sees_ciphertext_only()
    {
        using var scene = new RoamingScene();
        long seen = 0;
        SimulatedProxy.Serve(scene.Internet.AddHost("proxy", "198.51.100.80"), 3128, datagram =>
        {
            seen += datagram.Length;
            Assert.Equal(-1, datagram.AsSpan().IndexOf(StreamPattern.Marker));
        });
        var home = SimulatedHome.Add(scene.Internet, NatKind.UdpBlocked, 1, static options => options with { TcpPorts = [3128] });
        home.Host.HttpProxy = SimulatedInternet.Address("198.51.100.80:3128");
        RoamingPeer caller = scene.Add(home.Host), callee = scene.Add(NatKind.PortRestricted, 2);
        RunByRelay(scene, caller, callee, LinkKind.WebSocket, VerdictCode.UdpBlockedHere, VerdictCode.UdpBlockedAtPeer);
        Assert.InRange(seen, caller.BytesReceived + callee.BytesReceived, long.MaxValue);
    }

    [Fact]
    public void Captive_portal_keeps_everybody_out_until_its_user_has_logged_in()
    {
        using var scene = new RoamingScene();
        var portal = scene.Internet.AddHost("portal", "198.51.100.90");
        SimulatedProxy.ServePortal(portal, 443);
        var home = SimulatedHome.Add(scene.Internet, NatKind.PortRestricted, 1);
        RoamingPeer caller = scene.Add(home.Host), callee = scene.Add(NatKind.PortRestricted, 2);
        var (call, answer) = scene.ConnectDirectly(caller, callee);
        scene.Stream(caller, call, callee, answer);
        var open = home.Router!.Options;
        home.Router.Options = open with { BlocksUdp = true, TcpPortal = portal.Address.WithPort(443) };

        var received = callee.BytesReceived;
        scene.Internet.RunFor(TimeSpan.FromSeconds(40));
        Assert.Equal((VerdictCode.NoPath, VerdictCode.NoPath), (call.Verdict!.Code, answer.Verdict!.Code));
        Assert.InRange(callee.BytesReceived - received, 0, 10_000);

        home.Router.Options = open;
        scene.UntilDirect(call, answer, 60);
        scene.Internet.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal((VerdictCode.Direct, VerdictCode.Direct), (call.Verdict!.Code, answer.Verdict!.Code));
        scene.End();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dropped_quic_packets_leave_what_does_not_look_like_them(bool fromTheStart)
    {
        using var scene = new RoamingScene();
        var home = SimulatedHome.Add(scene.Internet, NatKind.PortRestricted, 1);
        RoamingPeer caller = scene.Add(home.Host), callee = scene.Add(NatKind.PortRestricted, 2);
        if (fromTheStart) { DropQuic(); }
        var (call, answer) = fromTheStart ? scene.Connect(caller, callee) : scene.ConnectDirectly(caller, callee);
        scene.Stream(caller, call, callee, answer);
        DropQuic();
        scene.Internet.RunFor(TimeSpan.FromSeconds(40));
        Assert.True(call.ActivePath is { IsRelayed: true, Link.Kind: LinkKind.WebSocket }, RoamingScene.Describe(call));
        Assert.True((call.Verdict!.Code, answer.Verdict!.Code) == (VerdictCode.QuicBlocked, VerdictCode.QuicBlocked), $"{RoamingScene.Describe(call)}; {RoamingScene.Describe(answer)}");
        Assert.Contains("probes as long as QUIC's packets: answered", call.Verdict.Evidence);
        Assert.InRange(Max(caller.LongestGap, callee.LongestGap), TimeSpan.Zero, fromTheStart ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromSeconds(4));

        caller.WatchGaps();
        callee.WatchGaps();
        var (moves, packets) = (caller.PathChanges + callee.PathChanges, scene.CountPastRelays());
        scene.Internet.RunFor(TimeSpan.FromMinutes(5));
        Assert.Equal(moves, caller.PathChanges + callee.PathChanges);
        Assert.InRange(packets(), 1, 5 * 60); // of both together: what is tried in vain is tried seldom
        Assert.InRange(Max(caller.LongestGap, callee.LongestGap), TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
        scene.End();

        void DropQuic() => home.Router!.Options = home.Router.Options with { DropsFirstByte = static first => first >= 0x40 };
    }

    [Fact]
    public void Direct_path_without_packets_over_600_bytes_is_not_used()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.PortRestricted, 1), callee = scene.Add(NatKind.PortRestricted, 2);
        caller.Node.Host.Interfaces[0].Cable.Change(options => options with { Drops = packet => packet.Size > 600 && packet.Protocol is PacketProtocol.Udp && scene.IsPastRelays(packet) });
        var (call, answer) = scene.Connect(caller, callee);
        scene.Stream(caller, call, callee, answer);
        scene.Internet.RunFor(TimeSpan.FromSeconds(60));
        Assert.Equal((VerdictCode.DirectPathTooNarrow, VerdictCode.DirectPathTooNarrow), (call.Verdict!.Code, answer.Verdict!.Code));
        Assert.InRange(callee.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
        scene.End();
    }

    [Fact]
    public void Network_without_packets_over_600_bytes_is_left_to_websockets()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.PortRestricted, 1), callee = scene.Add(NatKind.PortRestricted, 2);
        caller.Node.Host.Interfaces[0].Cable.Change(static options => options with { Mtu = 600, ReportsTooBig = false });
        var (call, answer) = scene.Connect(caller, callee);
        scene.Stream(caller, call, callee, answer);
        scene.Internet.RunFor(TimeSpan.FromSeconds(60));
        Assert.Equal((VerdictCode.DirectPathTooNarrow, VerdictCode.DirectPathTooNarrow), (call.Verdict!.Code, answer.Verdict!.Code));
        Assert.InRange(callee.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
        scene.End();
    }

    [Theory]
    [InlineData(NatKind.PortRestricted, 1280)]
    [InlineData(NatKind.PortRestricted, 1400)]
    [InlineData(NatKind.Symmetric, 1280)]
    [InlineData(NatKind.Symmetric, 1400)]
    public void Small_mtu_that_nobody_reports_costs_no_byte(NatKind kind, int mtu)
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(kind, 1), callee = scene.Add(kind, 2);
        caller.Node.Host.Interfaces[0].Cable.Change(options => options with { Mtu = mtu, ReportsTooBig = false });
        var (call, answer) = scene.Connect(caller, callee);
        scene.Send(caller, call, 1_000_000);
        scene.Send(callee, answer, 1_000_000);
        scene.Internet.RunFor(TimeSpan.FromSeconds(20));
        var expected = kind is NatKind.Symmetric ? VerdictCode.BothAddressDependent : VerdictCode.Direct;
        Assert.Equal((expected, expected), (call.Verdict!.Code, answer.Verdict!.Code));
        scene.End(0);
    }

    [Fact]
    public void Ladder_of_worsening_links_is_climbed_down_to_its_last_rung()
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.PortRestricted, 1), callee = scene.Add(NatKind.PortRestricted, 2);
        var (call, answer) = scene.ConnectDirectly(caller, callee);
        scene.Stream(caller, call, callee, answer);
        (int Kilobits, int RttMs, int LossPercent)[] rungs = [(100_000, 16, 0), (20_000, 50, 1), (5_000, 100, 2), (2_000, 200, 5), (1_000, 400, 10), (512, 600, 15), (256, 800, 25)];
        foreach (var rung in rungs)
        {
            caller.Node.Host.Interfaces[0].Cable.Change(options => options with
            {
                Delay = TimeSpan.FromMilliseconds(rung.RttMs / 2),
                BytesPerSecond = rung.Kilobits * 125,
                Loss = rung.LossPercent / 100.0,
                MaxQueue = TimeSpan.FromMilliseconds(200),
            });
            var (up, down) = (callee.BytesReceived, caller.BytesReceived);
            scene.Internet.RunFor(TimeSpan.FromSeconds(30));
            TestContext.Current.SendDiagnosticMessage($"{rung}: {callee.BytesReceived - up} bytes up, {caller.BytesReceived - down} down, by {call.ActivePath}");
            Assert.True(callee.BytesReceived > up && caller.BytesReceived > down, $"nothing arrived on {rung}: {RoamingScene.Describe(call)}");
            if (rung.LossPercent <= 5) { Assert.Equal((VerdictCode.Direct, VerdictCode.Direct), (call.Verdict!.Code, answer.Verdict!.Code)); }
        }
        scene.End(300);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static void RunByRelay(RoamingScene scene, RoamingPeer caller, RoamingPeer callee, LinkKind kind, VerdictCode callers, VerdictCode callees)
    {
        var (call, answer) = scene.Connect(caller, callee);
        scene.Stream(caller, call, callee, answer);
        scene.Internet.RunFor(TimeSpan.FromSeconds(30));
        Assert.True(call.ActivePath is { IsRelayed: true } path && path.Link.Kind == kind, RoamingScene.Describe(call));
        Assert.Equal((callers, callees), (call.Verdict!.Code, answer.Verdict!.Code));
        Assert.InRange(callee.LongestGap, TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
        scene.End();
    }
}
