namespace Coco.Quic.Congestion;

/// <summary>
/// Validates that a path carries ECN marks, and counts congestion marks (RFC 9000 §13.4.2 and Appendix A.4). It follows the
/// counts of one packet number space, so only 1-RTT packets are marked; a new path starts from the counts of the last one.
/// A mutable struct that lives as a field of its path; the default value tests the first path of a connection.
/// </summary>
internal struct EcnValidator(EcnCounts baseline, int markedInFlightElsewhere)
{
    private const int TestPackets = 10; // RFC 9000 §13.4.2
    private const int TestPtos = 3;

    private EcnCounts _counts = baseline;
    private long _marked = baseline.Ect0 + baseline.Ce + markedInFlightElsewhere; // sent with ECT(0), at most, in the space
    private long _testEnd;
    private int _testCe;
    private byte _tested;
    private byte _testAcked;
    private byte _testLost;

    public EcnState State { get; private set; }

    /// <summary>The last counts reported, from which a new path starts.</summary>
    public readonly EcnCounts Counts => _counts;

    /// <summary>How to mark the next 1-RTT packet.</summary>
    public readonly EcnCodepoint ForNextPacket =>
        State is EcnState.Testing or EcnState.Capable ? EcnCodepoint.Ect0 : EcnCodepoint.NotEct;

    /// <summary>A packet marked as <see cref="ForNextPacket"/> said was sent.</summary>
    public void OnMarkedSent(long now, long pto)
    {
        _marked++;
        if (State != EcnState.Testing)
        {
            return;
        }

        if (_tested == 0)
        {
            _testEnd = now + TestPtos * pto;
        }

        _tested++;
        if (_tested == TestPackets || now >= _testEnd)
        {
            State = EcnState.Unknown;
        }
    }

    /// <summary>A marked packet was declared lost. Should all of the test be, something on the path drops marked packets.</summary>
    public void OnMarkedLost()
    {
        if (State is EcnState.Testing or EcnState.Unknown && _testAcked == 0 && ++_testLost >= TestPackets)
        {
            State = EcnState.Failed;
        }
    }

    /// <summary>
    /// Takes an ACK frame that raised the largest acknowledged packet number: others may be reordered and must not be
    /// validated (§13.4.2.1). <paramref name="counts"/> is null when it carried none. True when congestion was newly experienced.
    /// </summary>
    public bool OnAck(in EcnCounts? counts, int newlyAckedMarked)
    {
        if (State == EcnState.Failed)
        {
            _counts = counts ?? _counts;
            return false;
        }

        if (counts is not { } reported)
        {
            // §13.4.2.1: marked packets acknowledged without counts mean bleaching, or a peer that cannot see marks.
            State = newlyAckedMarked > 0 ? EcnState.Failed : State;
            return false;
        }

        var isValid = IsValid(reported, newlyAckedMarked);
        var ceIncrease = reported.Ce - _counts.Ce;
        _counts = reported;
        if (!isValid)
        {
            State = EcnState.Failed;
            return false;
        }

        return Conclude(ceIncrease, newlyAckedMarked) && ceIncrease > 0;
    }

    private readonly bool IsValid(in EcnCounts reported, int newlyAckedMarked)
    {
        var ect0Increase = reported.Ect0 - _counts.Ect0;
        var ceIncrease = reported.Ce - _counts.Ce;
        return ect0Increase >= 0 && ceIncrease >= 0
            // Every packet newly acknowledged has to show as ECT(0) or CE; more may, where an ACK was lost.
            && ect0Increase + ceIncrease >= newlyAckedMarked
            // ECT(1) is never sent, and no more can arrive marked than left so.
            && reported.Ect1 == _counts.Ect1
            && reported.Ect0 + reported.Ce <= _marked;
    }

    /// <summary>Moves on from the test; false when it failed.</summary>
    private bool Conclude(long ceIncrease, int newlyAckedMarked)
    {
        if (State == EcnState.Capable)
        {
            return true;
        }

        _testAcked = (byte)Math.Min(_testAcked + newlyAckedMarked, byte.MaxValue);
        _testCe = (int)Math.Min(_testCe + ceIncrease, int.MaxValue);
        if (State == EcnState.Unknown && _testAcked > 0)
        {
            // A.4: a path that marks every packet CE says nothing about congestion.
            State = _testAcked >= TestPackets && _testCe >= _testAcked ? EcnState.Failed : EcnState.Capable;
        }

        return State != EcnState.Failed;
    }
}
