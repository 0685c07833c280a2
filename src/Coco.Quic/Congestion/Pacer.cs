namespace Coco.Quic.Congestion;

/// <summary>
/// Spreads packets over the round trip (RFC 9002 §7.7): a token bucket, kept as the time at which it has refilled to nothing.
/// A mutable struct that lives as a field of its path; its default value lets everything pass until a rate is set.
/// </summary>
internal struct Pacer
{
    private const int FractionBits = 8; // of a tick, since a packet at 10 Gb/s lasts ten ticks
    private const int CostBits = 16; // further bits, of the cost of one byte

    // Chosen: hosts have timers of 1 ms, so a bucket of 2 ms loses nothing to a late timer, and round trips below 1 ms are
    // held by the window alone. At 1 Gb/s that is 250 KB, four batches of segmentation offload.
    private const long BurstTicks = 2 * TimeSpan.TicksPerMillisecond;
    private const long TimerTicks = TimeSpan.TicksPerMillisecond;
    private const int BurstPackets = 10; // the initial window, RFC 9002 §7.7

    // Chosen to keep products within 64 bits: a packet in 10 s at the least, 800 Gb/s at the most.
    private const long LeastRate = 1_000;
    private const long MostRate = 100_000_000_000;

    private long _schedule; // when the bucket holds nothing more or less; packets may leave from then on
    private long _byteCost;
    private long _burst; // how far the schedule may lag behind now

    /// <summary>Sets the rate in bytes per second, after each ACK that changed it.</summary>
    public void SetRate(long bytesPerSecond, int maxDatagramSize, long now)
    {
        var isFirst = _byteCost == 0;
        var rate = Math.Clamp(bytesPerSecond, LeastRate, MostRate);
        _byteCost = (TimeSpan.TicksPerSecond << (FractionBits + CostBits)) / rate;
        _burst = Math.Max(BurstTicks << FractionBits, Cost(BurstPackets * maxDatagramSize));
        if (isFirst)
        {
            _schedule = (now << FractionBits) - _burst;
        }
    }

    /// <summary>
    /// When a packet may be sent: <paramref name="now"/> while tokens last, else a time at least a timer's resolution away, by
    /// which a batch has gathered. Asking again before then is free.
    /// </summary>
    public readonly long NextSendTime(long now)
    {
        var schedule = _schedule >> FractionBits;
        return schedule <= now ? now : Math.Max(schedule, now + TimerTicks);
    }

    /// <summary>Takes tokens for a packet or a batch, up to 10 MB.</summary>
    public void OnSent(int bytes, long now) => _schedule = Math.Max(_schedule, (now << FractionBits) - _burst) + Cost(bytes);

    private readonly long Cost(int bytes) => (bytes * _byteCost) >> CostBits;
}
