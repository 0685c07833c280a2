using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

public sealed class EcnValidatorTests
{
    private const long Pto = 100 * TimeSpan.TicksPerMillisecond;

    [Fact] // RFC 9000 §13.4.2: ten packets
    public void A_test_marks_ten_packets_and_then_waits()
    {
        var ecn = default(EcnValidator);
        Send(ref ecn, 9);
        Assert.Equal((EcnState.Testing, EcnCodepoint.Ect0), (ecn.State, ecn.ForNextPacket));

        Send(ref ecn, 1);
        Assert.Equal((EcnState.Unknown, EcnCodepoint.NotEct), (ecn.State, ecn.ForNextPacket));
    }

    [Fact] // §13.4.2: or three times the PTO
    public void A_test_ends_after_three_probe_timeouts()
    {
        var ecn = default(EcnValidator);
        ecn.OnMarkedSent(0, Pto);
        ecn.OnMarkedSent(3 * Pto, Pto);

        Assert.Equal(EcnState.Unknown, ecn.State);
    }

    [Fact] // A.4
    public void Counts_that_match_make_the_path_capable()
    {
        var ecn = Tested();

        Assert.False(ecn.OnAck(new EcnCounts(10, 0, 0), 10));
        Assert.Equal((EcnState.Capable, EcnCodepoint.Ect0), (ecn.State, ecn.ForNextPacket));
    }

    [Fact] // A.4: "unless no marked packet has been acknowledged"
    public void Counts_without_an_acknowledged_mark_prove_nothing()
    {
        var ecn = Tested();
        ecn.OnAck(new EcnCounts(0, 0, 0), 0);

        Assert.Equal(EcnState.Unknown, ecn.State);
    }

    [Fact] // §13.4.2.1: MUST NOT be validated without counts
    public void An_acknowledgement_of_marks_without_counts_fails()
    {
        var ecn = Tested();
        ecn.OnAck(null, 1);

        Assert.Equal((EcnState.Failed, EcnCodepoint.NotEct), (ecn.State, ecn.ForNextPacket));
    }

    [Theory] // §13.4.2.1
    [InlineData(9, 0, 0)] // bleached: one mark was cleared on the way
    [InlineData(0, 10, 0)] // mangled into ECT(1)
    [InlineData(10, 1, 0)]
    [InlineData(11, 0, 0)] // more than were sent
    [InlineData(9, 0, 2)]
    public void Counts_that_cannot_be_fail(long ect0, long ect1, long ce)
    {
        var ecn = Tested();

        Assert.False(ecn.OnAck(new EcnCounts(ect0, ect1, ce), 10));
        Assert.Equal(EcnState.Failed, ecn.State);
    }

    [Fact] // §13.4.2.1
    public void Counts_that_fall_fail()
    {
        var ecn = Tested();
        ecn.OnAck(new EcnCounts(10, 0, 0), 10);
        ecn.OnAck(new EcnCounts(9, 0, 1), 0);

        Assert.Equal(EcnState.Failed, ecn.State);
    }

    [Fact] // §13.4.2.1: increases may exceed the newly acknowledged, where ACK frames were lost
    public void Counts_may_run_ahead_of_acknowledgements()
    {
        var ecn = Tested();
        ecn.OnAck(new EcnCounts(10, 0, 0), 4);

        Assert.Equal(EcnState.Capable, ecn.State);
    }

    [Fact] // §13.4.2.1, RFC 9002 §7.1
    public void A_new_congestion_mark_is_reported_once()
    {
        var ecn = Tested();
        ecn.OnAck(new EcnCounts(10, 0, 0), 10);
        Send(ref ecn, 5);

        Assert.True(ecn.OnAck(new EcnCounts(14, 0, 1), 5));
        Send(ref ecn, 1);
        Assert.False(ecn.OnAck(new EcnCounts(15, 0, 1), 1));
    }

    [Fact] // A.4
    public void A_path_that_marks_everything_is_not_used()
    {
        var ecn = Tested();

        Assert.False(ecn.OnAck(new EcnCounts(0, 0, 10), 10));
        Assert.Equal(EcnState.Failed, ecn.State);
    }

    [Fact] // A.4
    public void A_path_that_drops_every_marked_packet_is_not_marked()
    {
        var ecn = Tested();
        for (var i = 0; i < 10; i++)
        {
            ecn.OnMarkedLost();
        }

        Assert.Equal(EcnState.Failed, ecn.State);
    }

    [Fact]
    public void A_new_path_starts_from_the_counts_of_the_old_one()
    {
        var old = Tested();
        old.OnAck(new EcnCounts(6, 0, 2), 8);
        var ecn = new EcnValidator(old.Counts, markedInFlightElsewhere: 2);
        Send(ref ecn, 10);
        ecn.OnAck(new EcnCounts(18, 0, 2), 12);

        Assert.Equal(EcnState.Capable, ecn.State);
    }

    [Fact]
    public void The_largest_counts_a_peer_can_write_do_no_harm()
    {
        const long largest = (1L << 62) - 1;
        var ecn = Tested();
        Assert.False(ecn.OnAck(new EcnCounts(largest, largest, largest), 10));
        Assert.False(ecn.OnAck(new EcnCounts(0, 0, 0), 10));
        Assert.Equal(EcnState.Failed, ecn.State);
    }

    private static EcnValidator Tested()
    {
        var ecn = default(EcnValidator);
        Send(ref ecn, 10);
        return ecn;
    }

    private static void Send(ref EcnValidator ecn, int packets)
    {
        for (var i = 0; i < packets; i++)
        {
            ecn.OnMarkedSent(0, Pto);
        }
    }
}
