using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Quic.Packets;
using Coco.Quic.Recovery;
using Coco.Quic.Tests.Connections;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Recovery;

/// <summary>Loss detection and probes in whole connections (RFC 9002 §6, §7.6) and acknowledgements (RFC 9000 §13).</summary>
public sealed class RecoveryTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact] // RFC 9002 §6.2.1: the period doubles; §6.2.4: probes carry what may be lost
    public void Probe_timeouts_back_off_and_carry_data()
    {
        using var pair = new SimulatedPair(client: LongIdle, server: LongIdle).Connect();
        pair.Network.RunFor(Second);
        var times = new List<(TimeSpan At, int Length)>();
        pair.Network.Filter = (side, _, datagram) => { if (side == 0) { times.Add((pair.Network.Now, datagram.Length)); } return side == 1; };
        Assert.True(pair.Client.TryOpenStream(bidirectional: false, out var id));
        pair.Client.Write(id, new byte[300], fin: true, out _);
        pair.Network.RunFor(20 * Second);
        var moments = times.Select(static sent => sent.At).Distinct().ToList();
        for (var i = 2; i + 1 < moments.Count; i++)
        {
            var ratio = (moments[i + 1] - moments[i]) / (moments[i] - moments[i - 1]);
            Assert.InRange(ratio, 1.9, 2.1);
        }
        Assert.InRange(moments.Count, 6, 12);
        Assert.All(moments, moment => Assert.Contains(times, sent => sent.At == moment && sent.Length > 300)); // each with the data
        Assert.True(ConnectionInternals.PtoCount(pair.Client) > 5);
        pair.Network.Filter = null;
        Assert.True(pair.Network.RunUntil(() => pair.Server!.TryTakeStreamEvent(out _), 60 * Second));
        pair.Network.RunFor(Second);
        Assert.Equal(0, ConnectionInternals.PtoCount(pair.Client));
    }

    [Fact] // our cap, as RFC 6298 §2.5 allows TCP
    public void A_probe_waits_for_a_minute_at_most()
    {
        using var pair = new SimulatedPair(client: LongIdle, server: LongIdle).Connect();
        pair.Network.RunFor(Second);
        var times = new List<TimeSpan>();
        pair.Network.Filter = (side, _, _) => { if (side == 0) { times.Add(pair.Network.Now); } return side == 1; };
        pair.Client.Ping();
        pair.Network.RunFor(TimeSpan.FromHours(1));
        Assert.InRange(times.Distinct().Count(), 60, 80);
    }

    [Theory] // RFC 9002 §6.1.1: three later packets; two are reordering
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    public void A_packet_is_lost_when_three_later_ones_arrived(int later, int lost)
    {
        using var pair = new SimulatedPair(server: static options => options with { Connection = new() { MaxAckDelay = TimeSpan.FromMilliseconds(1) } }).Connect();
        pair.Network.RunFor(Second);
        var count = 0;
        pair.Network.Filter = (side, _, _) => side == 1 || count++ != 0;
        for (var i = 0; i <= later; i++)
        {
            pair.Client.Ping();
            pair.Network.RunFor(TimeSpan.FromTicks(1));
        }
        pair.Network.RunFor(TimeSpan.FromMilliseconds(21)); // a round trip, and less than 9/8 of one
        Assert.Equal(lost, pair.Client.Statistics.PacketsLost);
        pair.Network.RunFor(TimeSpan.FromMilliseconds(20)); // §6.1.2: the time threshold
        Assert.Equal(1, pair.Client.Statistics.PacketsLost);
    }

    [Fact] // RFC 9000 §13.2.1, §13.2.2: at least every second packet, the odd one within max_ack_delay, an ACK is not acknowledged
    public void Acknowledgements_come_in_time_and_are_not_acknowledged()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        var server = pair.Server!.Statistics.PacketsSent;
        var client = pair.Client.Statistics.PacketsSent;
        pair.Client.Ping();
        pair.Network.RunFor(TimeSpan.FromMilliseconds(10 + 24));
        Assert.Equal(server, pair.Server.Statistics.PacketsSent);
        pair.Network.RunFor(TimeSpan.FromMilliseconds(2));
        Assert.Equal(server + 1, pair.Server.Statistics.PacketsSent);
        pair.Network.RunFor(10 * Second);
        Assert.Equal((server + 1, client + 1), (pair.Server.Statistics.PacketsSent, pair.Client.Statistics.PacketsSent));
    }

    [Fact] // RFC 9000 §13.4.1, RFC 9002 §7.1: a mark is reported at once and answered like a loss
    public void A_congestion_mark_halves_the_window_without_a_loss()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Transfer(pair.Client, pair.Server!, 300_000);
        Assert.Equal("Capable", pair.Client.Statistics.EcnState);
        pair.Network.RunFor(Second);
        var window = pair.Client.Statistics.CongestionWindow;
        var lost = pair.Client.Statistics.PacketsLost;
        pair.Network.MarksCongestion = true;
        pair.Transfer(pair.Client, pair.Server!, 20_000);
        pair.Network.RunFor(Second);
        Assert.True(pair.Client.Statistics.CongestionWindow < window, $"{pair.Client.Statistics.CongestionWindow} after {window}");
        Assert.Equal((lost, ConnectionState.Connected), (pair.Client.Statistics.PacketsLost, pair.Client.State));
    }

    [Fact] // RFC 8899 §4.3: the path stops carrying what it carried
    public void A_black_hole_for_large_packets_is_found_and_left()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Transfer(pair.Client, pair.Server!, 300_000);
        Assert.Equal(1472, pair.Client.Statistics.MaxDatagramSize);
        pair.Network.Link = new() { Mtu = 1300 };
        pair.Transfer(pair.Client, pair.Server!, 300_001, TimeSpan.FromSeconds(30));
        Assert.InRange(pair.Client.Statistics.MaxDatagramSize, 1200, 1300);
    }

    [Fact] // RFC 9002 §7.6.2
    public void Losses_over_a_long_time_are_persistent_congestion()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Transfer(pair.Client, pair.Server!, 300_000);
        pair.Network.RunFor(Second);
        var isDead = true;
        pair.Network.Filter = (_, _, _) => !isDead;
        Assert.True(pair.Client.TryOpenStream(bidirectional: false, out var id));
        pair.Client.Write(id, new byte[100_000], fin: false, out _);
        pair.Network.RunFor(2 * Second);
        isDead = false;
        var least = long.MaxValue;
        pair.Network.RunUntil(() => { least = Math.Min(least, pair.Client.Statistics.CongestionWindow); return false; }, 5 * Second);
        Assert.InRange(least, 2400, 2 * 1472); // kMinimumWindow
    }

    [Fact] // what a peer that acknowledges nothing can make us keep
    public void A_peer_that_sends_and_never_acknowledges_does_not_fill_our_memory()
    {
        using var pair = new SimulatedPair(server: static options => options with { Connection = new() { IdleTimeout = TimeSpan.FromHours(1) } }).Connect();
        pair.Network.RunFor(Second);
        pair.Network.Filter = static (side, _, _) => side == 1;
        pair.Server!.Ping();
        var rogue = new Rogue(pair, isClient: true);
        var buffer = new byte[2000];
        var sent = ConnectionInternals.Data(pair.Server).Sent;
        for (var i = 0; i < 100_000; i++)
        {
            pair.Network.Server.HandleDatagram(pair.Network.Path(1), rogue.Seal(EncryptionLevel.OneRtt, [1]), EcnCodepoint.NotEct, pair.Network.Now);
            while (pair.Network.Server.TryTakeTransmit(buffer, pair.Network.Now, out _)) { }
            Assert.True(sent.Next - sent.First < 20_000, $"{sent.Next - sent.First} numbers are kept for {sent.Count} packets");
        }
        rogue.AssertOpen();
    }

    [Fact] // an idle connection keeps nothing of what it sent
    public void Nothing_sent_is_kept_when_all_is_acknowledged()
    {
        using var pair = new SimulatedPair(link: new() { Loss = 0.1 }).Connect();
        pair.Transfer(pair.Client, pair.Server!, 500_000);
        pair.Transfer(pair.Server!, pair.Client, 500_000);
        pair.Network.Link = new();
        pair.Network.RunFor(5 * Second);
        Assert.All(
            [pair.Client, pair.Server!],
            static connection =>
            {
                Assert.Equal(0, ConnectionInternals.Data(connection).Sent.Count);
                Assert.Equal(0, ConnectionInternals.SentFrames(connection).Count);
                Assert.Equal(0, connection.Statistics.BytesInFlight);
            });
    }

    [Fact] // RFC 9000 §13.2.3
    public void Received_ranges_agree_with_a_set()
    {
        var random = new Random(3);
        for (var run = 0; run < 200; run++)
        {
            var ranges = new PacketNumberRanges();
            var model = new HashSet<long>();
            for (var i = 0; i < 300; i++)
            {
                var number = random.Next(400);
                Assert.Equal(model.Contains(number), ranges.Contains(number));
                if (model.Add(number)) { ranges.Add(number, maxRanges: 1000); }
            }
            var listed = new List<long>();
            for (var i = 0; i < ranges.Count; i++)
            {
                for (var number = ranges[i].Largest; number >= ranges[i].Smallest; number--) { listed.Add(number); }
            }
            Assert.Equal(model.OrderDescending(), listed);
        }
    }

    [Fact] // RFC 9000 §13.2.3: what is forgotten counts as received, so that no packet is taken twice
    public void Received_ranges_are_capped()
    {
        var ranges = new PacketNumberRanges();
        for (long number = 0; number < 10_000; number += 2) { ranges.Add(number, maxRanges: 16); }
        Assert.Equal(16, ranges.Count);
        Assert.All(Enumerable.Range(0, 9_000), number => Assert.True(ranges.Contains(number)));
    }

    private static EndpointOptions LongIdle(EndpointOptions options) => options with { Connection = new() { IdleTimeout = TimeSpan.FromHours(2) } };
}
