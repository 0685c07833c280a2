using Coco.Quic.Connections;
using Coco.Quic.Paths;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Connections;

/// <summary>Byte streams below paths that are full for a while: nothing is lost, nobody else waits, and a stream that died is found out.</summary>
public sealed class UnderlayTests
{
    private const int Stream = 7, Other = 9;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Moment = Second / 1000;

    private readonly SimulatedPair _pair = new(link: new() { Kind = PathKind.Reliable, MaxDatagramSize = 8192, Mtu = 8192, Underlay = static id => id is 1 or Other ? id : Stream });

    private SimulatedNetwork Network => _pair.Network;

    [Fact]
    public void A_connection_over_a_full_stream_waits_and_goes_on_where_it_was()
    {
        _pair.Connect();
        Network.RunFor(Second);
        Assert.True(_pair.Client.TryOpenStream(bidirectional: false, out var id));
        Network.Client.HoldUnderlay(1, Network.Now);
        var sent = Network.BytesSent[0];

        _pair.Client.Write(id, new byte[100_000], fin: true, out _);
        Network.RunFor(2 * Second);
        Assert.Equal((sent, 0), (Network.BytesSent[0], _pair.Client.ProbeTimeouts));
        Network.Client.ReleaseUnderlay(1, Network.Now);
        Network.RunFor(Second);

        Assert.InRange(Network.BytesSent[0] - sent, 100_000, 110_000);
        Assert.Equal(0, _pair.Client.Statistics.PacketsLost);
    }

    [Fact]
    public void What_is_on_its_way_in_a_stream_that_halts_again_and_again_is_not_sent_twice()
    {
        _pair.Connect();
        Network.RunFor(Second);
        // Full for 300 ms, writable for one millisecond: far slower than the probe timeout of a path that takes 20 ms there and back.
        var held = false;
        Network.Filter = (side, _, _) =>
        {
            if (side == 0 && !held) { (held, _) = (true, Hold()); }
            return true;
        };
        Assert.True(_pair.Client.TryOpenStream(bidirectional: false, out var id));
        var sent = Network.BytesSent[0];
        _pair.Client.Write(id, new byte[400_000], fin: true, out var written);
        for (var i = 0; i < 30; i++)
        {
            Network.RunFor(300 * Moment);
            Network.Client.ReleaseUnderlay(1, Network.Now);
            held = false;
            Network.RunFor(Moment);
        }

        Assert.InRange(Network.BytesSent[0] - sent, written, written * 1.05);
        Assert.Equal((0L, 0), (_pair.Client.Statistics.PacketsLost, _pair.Client.ProbeTimeouts));

        bool Hold()
        {
            Network.Client.HoldUnderlay(1, Network.Now);
            return true;
        }
    }

    [Fact]
    public void A_stream_that_never_moves_again_shows_by_probe_timeouts()
    {
        _pair.Connect();
        Network.RunFor(Second);
        Network.Filter = static (_, _, _) => false;
        _pair.Client.Ping();
        Network.RunFor(Moment);
        Network.Client.HoldUnderlay(1, Network.Now);
        Assert.True(_pair.Client.HasInFlight);

        Network.RunFor(400 * Moment);
        Assert.Equal(0, _pair.Client.ProbeTimeouts);
        Network.RunFor(2 * Second);
        Assert.InRange(_pair.Client.ProbeTimeouts, 2, 6);
    }

    [Theory]
    [InlineData(PathKind.Reliable, Stream, 500)]
    [InlineData(PathKind.Datagram, Stream, 500)] // to a relay, and beyond it whatever there is
    [InlineData(PathKind.Datagram, 0, 0)]
    public void What_a_stream_below_sends_again_by_itself_is_not_asked_about_sooner(PathKind kind, int underlay, int leastMs)
    {
        using var pair = new SimulatedPair(link: new() { Kind = kind, Underlay = _ => underlay }).Connect();
        pair.Network.RunFor(Second);
        pair.Network.Filter = static (_, _, _) => false;
        var since = pair.Network.Now;
        pair.Client.Ping();

        Assert.True(pair.Network.RunUntil(() => pair.Client.ProbeTimeouts == 1, Second));
        Assert.InRange((pair.Network.Now - since).TotalMilliseconds, leastMs, leastMs + 100);
        Assert.InRange(pair.Client.ProbeTimeout.TotalMilliseconds, leastMs, leastMs + 100);
        Assert.True(pair.Network.RunUntil(() => pair.Client.ProbeTimeouts == 2, 2 * Second));
        Assert.InRange((pair.Network.Now - since).TotalMilliseconds, 2 * leastMs, (2 * leastMs) + 300);
    }

    [Fact]
    public void The_end_of_a_connection_is_said_even_where_it_has_to_wait()
    {
        _pair.Connect();
        Network.RunFor(Second);
        Network.Client.HoldUnderlay(1, Network.Now);

        _pair.Client.Close(5, "enough", Network.Now);
        Network.RunFor(Second);

        Assert.Equal(5UL, _pair.Server!.CloseReason!.Code);
    }

    [Fact]
    public void A_connection_that_waits_moves_to_a_path_that_does_not()
    {
        _pair.Connect();
        Network.RunFor(Second);
        Assert.True(_pair.Client.TryOpenStream(bidirectional: false, out var id));
        Network.Client.HoldUnderlay(1, Network.Now);
        _pair.Client.Write(id, new byte[50_000], fin: true, out _);
        var sent = Network.BytesSent[0];

        Assert.True(_pair.Client.TryProbePath(Network.Path(2), Network.Now));
        Assert.True(Network.RunUntil(() => _pair.Seen(_pair.Client, ConnectionEventKind.PathValidated), Second));
        Assert.True(_pair.Client.TrySwitchPath(new PathId(2), Network.Now));
        Network.RunFor(Second);
        Assert.InRange(Network.BytesSent[0] - sent, 50_000, 60_000);
        Network.Client.ReleaseUnderlay(1, Network.Now);
        Network.RunFor(Second);
        Assert.Equal(new PathId(2), _pair.Client.ActivePath);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_connection_that_ended_while_it_waited_is_forgotten_and_its_stream_too(bool isStreamGone)
    {
        _pair.Connect();
        Network.RunFor(Second);
        Network.Client.HoldUnderlay(1, Network.Now);
        _pair.Client.Ping();
        Network.RunFor(Moment);
        var sent = Network.BytesSent[0];

        _pair.Client.Dispose();
        if (isStreamGone) { Network.Client.ForgetUnderlay(1, Network.Now); }
        else { Network.Client.ReleaseUnderlay(1, Network.Now); }
        Network.RunFor(Second);

        Assert.Equal((0, sent), (Network.Client.ConnectionCount, Network.BytesSent[0]));
        Assert.False(Network.Client.IsFull(1));
    }

    [Fact]
    public void Who_waited_for_a_stream_that_is_gone_is_free()
    {
        _pair.Connect();
        Network.RunFor(Second);
        Network.Client.HoldUnderlay(1, Network.Now);
        _pair.Client.Ping();
        Network.RunFor(Moment);
        var sent = Network.BytesSent[0];

        Network.Client.ForgetUnderlay(1, Network.Now);
        Network.RunFor(Second);
        Assert.True(Network.BytesSent[0] > sent);
    }

    [Fact]
    public void Many_connections_on_one_stream_are_served_in_turn_and_one_on_another_at_once()
    {
        const int Count = 8;
        _pair.Connect();
        var connections = Enumerable.Range(2, Count).Select(id => Network.Client.Connect(Network.Path(id), new(_pair.ServerId, Network.Client.Options.Identities[0]), Network.Now)).ToArray();
        Network.RunFor(2 * Second);
        Network.Client.HoldUnderlay(Stream, Network.Now);
        foreach (var connection in connections)
        {
            Assert.True(connection.TryOpenStream(bidirectional: false, out var id));
            connection.Write(id, new byte[200_000], fin: false, out _);
        }
        var buffer = new byte[60_000];
        var served = new Dictionary<PathId, int>();

        var taken = 0;
        while (Network.Client.TryTakeTransmit(buffer, Network.Now, out var transmit))
        {
            Assert.Equal(new PathId(Other), transmit.Path);
            taken += transmit.Length;
        }
        Assert.InRange(taken, 200_000, 210_000);
        for (var i = 0; i < 3 * (Count - 1); i++) // one batch fills it
        {
            Network.Client.ReleaseUnderlay(Stream, Network.Now);
            Assert.True(Network.Client.TryTakeTransmit(buffer, Network.Now, out var transmit));
            served[transmit.Path] = served.GetValueOrDefault(transmit.Path) + 1;
            Network.Client.HoldUnderlay(Stream, Network.Now);
            Assert.False(Network.Client.TryTakeTransmit(buffer, Network.Now, out _));
        }
        Assert.Equal(Enumerable.Repeat(3, Count - 1), served.Values);
    }
}
