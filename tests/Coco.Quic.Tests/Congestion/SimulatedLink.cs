namespace Coco.Quic.Tests.Congestion;

/// <summary>
/// A bottleneck with a drop-tail queue, random loss, and ECN marks above a share of its queue, the same for every flow.
/// </summary>
internal sealed class SimulatedLink(double megabitsPerSecond, double rttMs, double bufferBdp, double loss = 0, double markAbove = 2, ulong seed = 1)
{
    private double _busyUntil;
    private ulong _random = seed * 2 + 1;

    public long OneWayDelay { get; } = (long)(rttMs * TimeSpan.TicksPerMillisecond / 2);

    public double BytesPerTick { get; private set; } = ToBytesPerTick(megabitsPerSecond);

    public double Buffer { get; } = Math.Max(bufferBdp * ToBytesPerTick(megabitsPerSecond) * rttMs * TimeSpan.TicksPerMillisecond, 3000);

    public int Dropped { get; private set; }

    /// <summary>When a datagram offered now arrives at the other end; null when it is lost.</summary>
    public long? Offer(int bytes, long now, out bool isMarked)
    {
        var queued = Math.Max(0, _busyUntil - now) * BytesPerTick;
        isMarked = queued + bytes > markAbove * Buffer;
        if (NextRandom() < loss || queued + bytes > Buffer)
        {
            Dropped++;
            return null;
        }

        _busyUntil = Math.Max(_busyUntil, now) + bytes / BytesPerTick;
        return (long)Math.Ceiling(_busyUntil) + OneWayDelay;
    }

    public void ChangeRate(double megabitsPerSecond) => BytesPerTick = ToBytesPerTick(megabitsPerSecond);

    private static double ToBytesPerTick(double megabitsPerSecond) => megabitsPerSecond * 1e6 / 8 / TimeSpan.TicksPerSecond;

    private double NextRandom()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (_random >> 11) * (1.0 / (1UL << 53));
    }
}
