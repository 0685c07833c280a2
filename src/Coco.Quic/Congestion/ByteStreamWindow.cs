namespace Coco.Quic.Congestion;

/// <summary>
/// For a path over a byte stream, which retransmits and backs off by itself: a packet that is missing there was dropped by an end, and
/// says nothing about the network. How fast the stream is, its back-pressure shows (<see cref="Connections.QuicEndpoint.HoldUnderlay"/>).
/// The window bounds what collects in buffers beyond our sight: twice what the stream delivers in its least round trip, and a floor.
/// </summary>
internal sealed class ByteStreamWindow : CongestionController
{
    // Chosen: what both hosts' queues and an acknowledgement for every 25 packets keep in flight where a round trip takes no time.
    private const long Floor = 512 << 10;

    // Chosen: so long the best rate counts, once or twice this many round trips; a stall of the stream shall not cost the window.
    private const int RoundsKept = 16;

    private long _roundStart;
    private long _delivered; // bytes acknowledged since then
    private int _rounds;
    private double _rate; // bytes per tick: the best of these rounds
    private double _priorRate; // and of those before

    public ByteStreamWindow(int maxDatagramSize)
        : base(maxDatagramSize)
    {
        Window = Floor;
    }

    public override bool InSlowStart => false;

    protected override long MinimumWindow => Floor;

    public override void OnPersistentCongestion()
    {
    }

    // The stream paces itself.
    public override long PacingRate(in RttEstimator rtt) => long.MaxValue;

    protected override void Update(in AckBatch batch, long inFlightBefore, in RttEstimator rtt)
    {
        _delivered += batch.AckedBytes;
        // A round ends when a packet sent in it is acknowledged.
        if (batch.AckedBytes == 0 || batch.NewestAckedSentTime < _roundStart) { return; }

        if (_roundStart != 0) { EndRound(_delivered / (double)Math.Max(batch.Now - _roundStart, 1), IsUnderused(inFlightBefore)); }
        (_roundStart, _delivered) = (batch.Now, 0);
        Window = Floor + (long)Math.Min(2 * Math.Max(_rate, _priorRate) * rtt.Minimum, MaximumWindow);
    }

    private void EndRound(double rate, bool isUnderused)
    {
        _rate = Math.Max(_rate, rate);
        if (isUnderused || ++_rounds < RoundsKept) { return; } // who has little to send does not learn what the stream could do
        (_priorRate, _rate, _rounds) = (_rate, 0, 0);
    }
}
