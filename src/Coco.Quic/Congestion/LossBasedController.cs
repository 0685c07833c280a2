namespace Coco.Quic.Congestion;

/// <summary>The reaction to loss and ECN marks that NewReno and CUBIC share (RFC 9002 Appendix B.5 to B.8).</summary>
internal abstract class LossBasedController(int maxDatagramSize) : CongestionController(maxDatagramSize)
{
    public override bool InSlowStart => Window < SlowStartThreshold;

    /// <summary>"ssthresh".</summary>
    public long SlowStartThreshold { get; protected set; } = long.MaxValue;

    public override void OnPersistentCongestion()
    {
        Window = MinimumWindow;
        RecoveryStart = long.MinValue;
    }

    protected sealed override void Update(in AckBatch batch, long inFlightBefore, in RttEstimator rtt)
    {
        var isCongested = batch.LostBytes > 0 && batch.NewestLostSentTime > RecoveryStart;
        // B.8: a CE mark speaks of the largest acknowledged packet.
        isCongested |= batch.CongestionExperienced && batch.AckedBytes > 0 && batch.NewestAckedSentTime > RecoveryStart;
        if (isCongested)
        {
            RecoveryStart = batch.Now;
            Reduce();
            return; // everything acknowledged here was sent before this recovery began
        }

        if (batch.AckedBytes > 0)
        {
            Grow(batch, IsUnderused(inFlightBefore) ? 0 : batch.AckedOutsideRecovery, rtt);
        }
    }

    /// <summary>Sets window and threshold at the start of a recovery period.</summary>
    protected abstract void Reduce();

    /// <summary><paramref name="bytes"/> acknowledged bytes may grow the window.</summary>
    protected abstract void Grow(in AckBatch batch, long bytes, in RttEstimator rtt);
}
