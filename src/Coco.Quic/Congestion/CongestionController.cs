namespace Coco.Quic.Congestion;

/// <summary>
/// Decides how much may be in flight on one path (RFC 9002 §7). Sizes are bytes, times ticks of 100 ns. Per packet it is told
/// of sends; acknowledgements and losses come as one <see cref="AckBatch"/> per ACK frame.
/// </summary>
internal abstract class CongestionController
{
    // Chosen: 100 Gb/s over 80 ms. Bounds what acknowledgements from a lying peer can open, and keeps products within 64 bits.
    public const long MaximumWindow = 1L << 30;

    // Chosen: at most three packets may wait for room in the window without it counting as underused.
    private const int UnderusePackets = 3;

    private bool _isAppLimited;

    protected CongestionController(int maxDatagramSize)
    {
        MaxDatagramSize = maxDatagramSize;
        Window = InitialWindow;
    }

    /// <summary>The congestion window.</summary>
    public long Window { get; protected set; }

    public long BytesInFlight { get; private set; }

    /// <summary>Packets sent up to this time belong to the last recovery period or to before it (RFC 9002 §7.3.2).</summary>
    public long RecoveryStart { get; protected set; } = long.MinValue;

    public int MaxDatagramSize { get; private set; }

    /// <summary>Whether the sent-packet record has to keep a <see cref="DeliverySnapshot"/>.</summary>
    public virtual bool NeedsDeliverySnapshots => false;

    public abstract bool InSlowStart { get; }

    /// <summary>kInitialWindow (RFC 9002 §7.2).</summary>
    protected long InitialWindow => Math.Min(10L * MaxDatagramSize, Math.Max(14720, 2L * MaxDatagramSize));

    /// <summary>kMinimumWindow (RFC 9002 §7.2).</summary>
    protected virtual long MinimumWindow => 2L * MaxDatagramSize;

    public static CongestionController Create(CongestionAlgorithm algorithm, int maxDatagramSize) => algorithm switch
    {
        CongestionAlgorithm.Cubic => new Cubic(maxDatagramSize),
        CongestionAlgorithm.NewReno => new NewReno(maxDatagramSize),
        CongestionAlgorithm.Bbr => new Bbr(maxDatagramSize),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>What the window has room for, to size a batch of segments.</summary>
    public long Available => Math.Max(0, Window - BytesInFlight);

    public bool CanSend(int bytes) => BytesInFlight + bytes <= Window;

    /// <summary>A packet that counts towards bytes in flight was sent.</summary>
    public void OnSent(int bytes, long now)
    {
        if (BytesInFlight == 0)
        {
            OnRestart(now);
        }

        BytesInFlight += bytes;
        _isAppLimited = false;
    }

    /// <summary>What to keep with the packet just told to <see cref="OnSent"/>, when <see cref="NeedsDeliverySnapshots"/>.</summary>
    public virtual DeliverySnapshot TakeSnapshot(long now) => default;

    /// <summary>
    /// Nothing is left to send though window and pacer allow it: to be called whenever the sender stops for that reason, so
    /// that an unused window does not grow (RFC 9002 §7.8).
    /// </summary>
    public virtual void OnAppLimited() => _isAppLimited = true;

    public void OnAckBatch(in AckBatch batch, in RttEstimator rtt)
    {
        var inFlightBefore = BytesInFlight;
        BytesInFlight = Math.Max(0, inFlightBefore - batch.AckedBytes - batch.LostBytes);
        Update(batch, inFlightBefore, rtt);
        Window = Math.Clamp(Window, MinimumWindow, MaximumWindow);
    }

    /// <summary>Packets left flight without news of the path: keys dropped (RFC 9002 §6.4), a probe lost, a path given up.</summary>
    public void OnDiscarded(long bytes) => BytesInFlight = Math.Max(0, BytesInFlight - bytes);

    /// <summary>Losses over a whole persistent congestion duration (RFC 9002 §7.6.2).</summary>
    public abstract void OnPersistentCongestion();

    /// <summary>Bytes per second to give the <see cref="Pacer"/>, at least 1.</summary>
    public virtual long PacingRate(in RttEstimator rtt)
    {
        // RFC 9002 §7.7 suggests N = 1.25. Slow start takes 2, so that pacing does not slow the doubling of each round trip.
        var perTick = (double)Window / rtt.Smoothed * (InSlowStart ? 2 : 1.25);
        return (long)Math.Max(1, perTick * TimeSpan.TicksPerSecond);
    }

    /// <summary>The path's packet size changed.</summary>
    public void SetMaxDatagramSize(int maxDatagramSize)
    {
        var isUntouched = Window == InitialWindow;
        MaxDatagramSize = maxDatagramSize;

        // RFC 9002 §7.2: the initial window is recalculated with the new size.
        Window = isUntouched ? InitialWindow : Math.Max(Window, MinimumWindow);
    }

    /// <summary>Whether the window was too little used to deserve growth (RFC 9002 §7.8). Being held by the pacer is use.</summary>
    protected bool IsUnderused(long inFlightBefore) =>
        _isAppLimited
        && inFlightBefore + UnderusePackets * (long)MaxDatagramSize < Window
        && !(InSlowStart && 2 * inFlightBefore >= Window); // a half-full window that may double has been of use

    /// <summary>A packet is about to be sent while nothing is in flight.</summary>
    protected virtual void OnRestart(long now)
    {
    }

    protected abstract void Update(in AckBatch batch, long inFlightBefore, in RttEstimator rtt);
}
