using Coco.Quic.Connections;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Connections;

/// <summary>What a host with many connections and paths is told and can say.</summary>
public sealed class HostSupportTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_connection_is_ready_once_until_it_is_taken()
    {
        using var pair = new SimulatedPair(client: static options => options with { ReportsReady = true }).Connect();
        pair.Network.RunFor(Second);

        Assert.True(pair.Network.Client.TryTakeReady(out var ready));
        Assert.Same(pair.Client, ready);
        Assert.False(pair.Network.Client.TryTakeReady(out _));

        pair.Server!.Ping();
        pair.Network.RunFor(Second);
        Assert.True(pair.Network.Client.TryTakeReady(out _));
    }

    [Fact]
    public void A_host_that_does_not_ask_has_nothing_pile_up()
    {
        using var pair = new SimulatedPair().Connect();

        Assert.False(pair.Network.Client.TryTakeReady(out _));
        Assert.False(pair.Network.Server.TryTakeReady(out _));
    }

    [Fact]
    public void A_call_can_ask_for_an_application_protocol_of_its_own()
    {
        using var pair = new SimulatedPair(server: static options => options with { ApplicationProtocols = ["coco/1", "other/1"] });
        var call = pair.Network.Client.Connect(pair.Network.Path(2), new(pair.ServerId, pair.Network.Client.Options.Identities[0]) { ApplicationProtocols = ["other/1"] }, pair.Network.Now);

        Assert.True(pair.Network.RunUntil(() => call.State is ConnectionState.Connected));

        Assert.Equal("other/1", call.ApplicationProtocol);
        pair.Connect();
        Assert.Equal("coco/1", pair.Client.ApplicationProtocol);
    }

    [Fact]
    public void The_keep_alive_interval_can_be_changed_while_the_connection_lives()
    {
        using var pair = new SimulatedPair(client: static options => options with { Connection = new() { IdleTimeout = 60 * Second } }).Connect();
        pair.Network.RunFor(Second);
        pair.Client.KeepAlive = 10 * Second;
        var sent = pair.Client.Statistics.PacketsSent;
        pair.Network.RunFor(200 * Second);
        Assert.InRange(pair.Client.Statistics.PacketsSent - sent, 15, 25);

        pair.Client.KeepAlive = TimeSpan.Zero;
        pair.Network.RunFor(61 * Second);
        Assert.Equal(ConnectionState.Closed, pair.Client.State);
    }

    [Fact]
    public void A_path_that_dies_shows_by_probe_timeouts_and_one_that_is_said_to_live_is_used_at_once()
    {
        using var pair = new SimulatedPair(client: static options => options with { Connection = new() { IdleTimeout = 120 * Second } }).Connect();
        pair.Network.RunFor(Second);
        Assert.Equal((0, false), (pair.Client.ProbeTimeouts, pair.Client.HasInFlight));

        pair.Network.Filter = static (_, _, _) => false;
        pair.Client.TryOpenStream(bidirectional: false, out var id);
        pair.Client.Write(id, new byte[100], fin: false, out _);
        pair.Network.RunFor(20 * Second);
        Assert.True(pair.Client.HasInFlight);
        Assert.InRange(pair.Client.ProbeTimeouts, 3, 12);
        Assert.True(pair.Client.ProbeTimeout < Second);

        pair.Network.Filter = null;
        var back = pair.Network.Now;
        pair.Client.HandlePathAlive(back);
        Assert.True(pair.Network.RunUntil(() => !pair.Client.HasInFlight));
        Assert.True(pair.Network.Now - back < 0.5 * Second, $"{pair.Network.Now - back}");
        Assert.Equal(0, pair.Client.ProbeTimeouts);
    }

    [Fact]
    public void Bytes_are_counted_by_path()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Transfer(pair.Client, pair.Server!, 100_000);

        var (sent, received, rtt) = pair.Client.PathFigures(pair.Client.ActivePath);
        Assert.True(sent > 100_000);
        Assert.True(received > 1000);
        Assert.True(rtt > TimeSpan.Zero);
        Assert.Equal(default, pair.Client.PathFigures(new(99)));
    }
}
