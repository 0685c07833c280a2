namespace Coco.Traversal.Relays;

/// <summary>What one identity or one network used of its quota. It outlives connections, so that connecting again gives nothing back.</summary>
internal sealed class RelayAccount(RelayQuota quota, int opensPerSecond, int messagesPerSecond, TimeSpan now)
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    // A chosen factor: a client that starts asks for many things at once.
    private const int ControlBurst = 5;

    private TokenBucket _bytes = new(quota.BytesPerSecond, Math.Max(RelayDatagram.MaxLength, InBurst(quota.BytesPerSecond, quota.Burst)));
    private TokenBucket _packets = new(quota.PacketsPerSecond, Math.Max(1, InBurst(quota.PacketsPerSecond, quota.Burst)));
    private TokenBucket _opens = new(opensPerSecond, opensPerSecond * ControlBurst);
    private TokenBucket _messages = new(messagesPerSecond, messagesPerSecond * ControlBurst);
    private TimeSpan _monthStart = now;

    /// <summary>Clients that use it now.</summary>
    public int Users { get; set; }

    public long BytesLeft { get; private set; } = quota.BytesPerMonth;

    /// <summary>Brings all but the control rates up to now.</summary>
    public void Refill(TimeSpan now)
    {
        _bytes.Refill(now);
        _packets.Refill(now);
        if (now - _monthStart >= Month)
        {
            _monthStart = now - TimeSpan.FromTicks((now - _monthStart).Ticks % Month.Ticks);
            BytesLeft = quota.BytesPerMonth;
        }
    }

    public bool Has(int length) => _bytes.Has(length) && _packets.Has(1);

    public void Take(int length)
    {
        _bytes.Take(length);
        _packets.Take(1);
        BytesLeft -= length;
    }

    public bool TryTakeOpen(TimeSpan now) => _opens.TryTake(now);

    public bool TryTakeMessage(TimeSpan now) => _messages.TryTake(now);

    private static long InBurst(long rate, TimeSpan burst) => (long)((Int128)rate * burst.Ticks / TimeSpan.TicksPerSecond);
}
