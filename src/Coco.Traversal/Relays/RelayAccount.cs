namespace Coco.Traversal.Relays;

/// <summary>What one identity or one network used of its quota. It outlives connections, so that connecting again gives nothing back.</summary>
internal sealed class RelayAccount
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    // A chosen factor: a client that starts asks for many things at once.
    private const int ControlBurst = 5;

    private TokenBucket _bytes;
    private TokenBucket _beyond;
    private TokenBucket _packets;
    private TokenBucket _opens;
    private TokenBucket _messages;
    private TimeSpan _monthStart;
    private bool _countsMonths = true;

    public RelayAccount(RelayQuota quota, int opensPerSecond, int messagesPerSecond, TimeSpan now)
    {
        (Quota, BytesLeft, _monthStart) = (quota, quota.BytesPerMonth, now);
        _opens = new(opensPerSecond, opensPerSecond * ControlBurst);
        _messages = new(messagesPerSecond, messagesPerSecond * ControlBurst);
        FillBuckets();
    }

    public RelayQuota Quota { get; private set; }

    /// <summary>Clients that use it now, in the order in which they came.</summary>
    public LinkedList<RelayServerClient> Clients { get; } = [];

    /// <summary>How many hold it.</summary>
    public int Users { get; set; }

    /// <summary>What is left of the month, before the rate falls.</summary>
    public long BytesLeft { get; private set; }

    private bool HasBeyond => Quota.BytesPerSecondBeyond > 0;

    /// <summary>Other terms hold from now on. What is as before keeps what was used of it.</summary>
    public void SetQuota(RelayQuota quota, long? bytesLeft)
    {
        _countsMonths = bytesLeft is null;
        BytesLeft = bytesLeft ?? Math.Max(0, BytesLeft + quota.BytesPerMonth - Quota.BytesPerMonth);
        if (quota == Quota) { return; }
        Quota = quota;
        FillBuckets();
    }

    /// <summary>Brings all but the control rates up to now.</summary>
    public void Refill(TimeSpan now)
    {
        _bytes.Refill(now);
        _packets.Refill(now);
        if (HasBeyond) { _beyond.Refill(now); }
        if (_countsMonths && now - _monthStart >= Month)
        {
            _monthStart = now - TimeSpan.FromTicks((now - _monthStart).Ticks % Month.Ticks);
            BytesLeft = Quota.BytesPerMonth;
        }
    }

    /// <summary>Whether the month leaves so much, or something is granted beyond it.</summary>
    public bool HasMonth(int length) => BytesLeft >= length || HasBeyond;

    public bool Has(int length) => (BytesLeft >= length ? _bytes.Has(length) : _beyond.Has(length)) && _packets.Has(1);

    public void Take(int length)
    {
        _packets.Take(1);
        if (BytesLeft >= length)
        {
            _bytes.Take(length);
            BytesLeft -= length;
        }
        else { _beyond.Take(length); }
    }

    public bool TryTakeOpen(TimeSpan now) => _opens.TryTake(now);

    public bool TryTakeMessage(TimeSpan now) => _messages.TryTake(now);

    private void FillBuckets()
    {
        _bytes = Bucket(Quota.BytesPerSecond, RelayDatagram.MaxLength);
        _packets = Bucket(Quota.PacketsPerSecond, 1);
        if (HasBeyond) { _beyond = Bucket(Quota.BytesPerSecondBeyond, RelayDatagram.MaxLength); }
    }

    private TokenBucket Bucket(long rate, int least) => new(rate, Math.Max(least, (long)((Int128)rate * Quota.Burst.Ticks / TimeSpan.TicksPerSecond)));
}
