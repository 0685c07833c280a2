namespace Coco.Quic.Congestion;

/// <summary>RFC 9002 §7 and Appendix B.</summary>
internal sealed class NewReno(int maxDatagramSize) : LossBasedController(maxDatagramSize)
{
    protected override void Reduce()
    {
        SlowStartThreshold = Window / 2; // kLossReductionFactor 0.5
        Window = Math.Max(SlowStartThreshold, MinimumWindow);
    }

    protected override void Grow(in AckBatch batch, long bytes, in RttEstimator rtt)
    {
        if (InSlowStart)
        {
            Window += bytes;
            return;
        }

        Window += MaxDatagramSize * bytes / Window;
    }
}
