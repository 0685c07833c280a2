namespace Coco.Quic.Congestion;

/// <summary>
/// Round-trip time of one path (RFC 9002 §5), in ticks of 100 ns. A mutable struct that lives as a field of its path; its
/// default value is the state before the first sample.
/// </summary>
internal struct RttEstimator
{
    /// <summary>kInitialRtt (RFC 9002 §6.2.2).</summary>
    public const long InitialRtt = 333 * TimeSpan.TicksPerMillisecond;

    /// <summary>kGranularity (RFC 9002 §6.1.2).</summary>
    public const long Granularity = TimeSpan.TicksPerMillisecond;

    private const int PersistentCongestionThreshold = 3; // kPersistentCongestionThreshold, RFC 9002 §7.6.1

    // An hour. Chosen so that sums and products of a few round trips cannot overflow, whatever a clock does.
    private const long LongestSample = TimeSpan.TicksPerHour;

    private long _smoothed;
    private long _variation;

    /// <summary>The last sample, 0 before the first.</summary>
    public long Latest { get; private set; }

    /// <summary>The least sample, 0 before the first and after persistent congestion.</summary>
    public long Minimum { get; private set; }

    public readonly bool HasSample => Latest != 0;

    public readonly long Smoothed => HasSample ? _smoothed : InitialRtt;

    /// <summary>"rttvar" in the RFC.</summary>
    public readonly long Variation => HasSample ? _variation : InitialRtt / 2;

    /// <summary>Takes the sample of an ACK that newly acknowledges its largest packet number (RFC 9002 §5.1 to §5.3).</summary>
    public void Update(long latestRtt, long ackDelay, bool handshakeConfirmed, long maxAckDelay)
    {
        var isFirst = !HasSample;
        Latest = Math.Clamp(latestRtt, 1, LongestSample);
        if (isFirst)
        {
            Minimum = _smoothed = Latest;
            _variation = Latest / 2;
            return;
        }

        // §5.2: min_rtt ignores the delay a peer reports, which may be false.
        Minimum = Minimum == 0 ? Latest : Math.Min(Minimum, Latest);
        ackDelay = Math.Max(ackDelay, 0);
        if (handshakeConfirmed)
        {
            ackDelay = Math.Min(ackDelay, maxAckDelay);
        }

        // §5.3: subtracting may not take the sample below min_rtt. Written so that no ackDelay overflows.
        var adjusted = Latest - Minimum >= ackDelay ? Latest - ackDelay : Latest;
        _variation = (3 * _variation + Math.Abs(_smoothed - adjusted)) / 4;
        _smoothed = (7 * _smoothed + adjusted) / 8;
    }

    /// <summary>The next sample becomes min_rtt, as after persistent congestion (RFC 9002 §5.2).</summary>
    public void ResetMinimum() => Minimum = 0;

    /// <summary>The PTO period without backoff (RFC 9002 §6.2.1); <paramref name="maxAckDelay"/> is 0 for Initial and Handshake.</summary>
    public readonly long PtoBase(long maxAckDelay) => Smoothed + Math.Max(4 * Variation, Granularity) + maxAckDelay;

    /// <summary>How long after its send a packet is lost once a later one was acknowledged (RFC 9002 §6.1.2, kTimeThreshold 9/8).</summary>
    public readonly long LossDelay
    {
        get
        {
            var rtt = Math.Max(Smoothed, Latest);
            return Math.Max(rtt + rtt / 8, Granularity);
        }
    }

    /// <summary>The span of losses that means persistent congestion (RFC 9002 §7.6.1).</summary>
    public readonly long PersistentCongestionDuration(long maxAckDelay) => PtoBase(maxAckDelay) * PersistentCongestionThreshold;
}
