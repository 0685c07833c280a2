namespace Coco.Quic.Congestion;

/// <summary>
/// Measures how fast the network delivers (draft-ietf-ccwg-bbr §4.1, "delivery rate sampling"). A mutable struct within
/// <see cref="Bbr"/>.
/// </summary>
internal struct DeliveryRate
{
    private long _deliveredTime;
    private long _firstSentTime;
    private long _appLimitedUntil; // "C.app_limited": delivered count at which the app-limited bubble has passed; 0 without one

    /// <summary>"C.delivered".</summary>
    public long Delivered { get; private set; }

    /// <summary>"C.lost".</summary>
    public long Lost { get; private set; }

    public readonly bool IsAppLimited => _appLimitedUntil != 0;

    /// <summary>Nothing is in flight and a packet is about to be.</summary>
    public void OnRestart(long now)
    {
        _firstSentTime = now;
        _deliveredTime = now;
    }

    public void OnAppLimited(long inFlight) => _appLimitedUntil = Math.Max(1, Delivered + inFlight);

    public readonly DeliverySnapshot TakeSnapshot(long now, long inFlight) => new(
        unchecked((uint)Delivered),
        DeliverySnapshot.Age(_deliveredTime, now),
        DeliverySnapshot.Age(_firstSentTime, now),
        (uint)inFlight,
        unchecked((uint)Lost),
        IsAppLimited);

    /// <summary>Counts the batch and measures it by its newest acknowledged packet.</summary>
    public RateSample Take(in AckBatch batch, long minRtt)
    {
        Lost += batch.LostBytes;
        if (batch.AckedBytes == 0)
        {
            return new RateSample { Losses = batch.LostBytes };
        }

        Delivered += batch.AckedBytes;
        if (IsAppLimited && Delivered > _appLimitedUntil)
        {
            _appLimitedUntil = 0;
        }

        var packet = batch.NewestAcked;
        var sent = batch.NewestAckedSentTime;
        var priorDelivered = DeliverySnapshot.Widen(packet.Delivered, Delivered);
        // The slower of sending and acknowledging: ACKs may be compressed, and sending may be faster than the path.
        var interval = Math.Max(packet.FirstSentAge, batch.Now - (sent - packet.DeliveredAge));
        _firstSentTime = sent;
        _deliveredTime = batch.Now;

        var delivered = Delivered - priorDelivered;
        // An interval below min_rtt measures a burst of ACKs, not the path.
        var isReliable = interval > 0 && interval >= minRtt;
        return new RateSample
        {
            Acked = batch.AckedBytes,
            Losses = batch.LostBytes,
            PriorDelivered = priorDelivered,
            Delivered = delivered,
            Rate = isReliable ? (double)delivered / interval : 0,
            InFlightAtSend = packet.InFlight,
            LostSinceSend = Lost - DeliverySnapshot.Widen(packet.Lost, Lost),
            IsAppLimited = packet.IsAppLimited,
        };
    }
}
