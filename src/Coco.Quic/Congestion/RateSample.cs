namespace Coco.Quic.Congestion;

/// <summary>"RS" of draft-ietf-ccwg-bbr §4.1.2.3: what one ACK says about delivery. Rates are bytes per tick.</summary>
internal readonly struct RateSample
{
    public long Acked { get; init; }

    public long Losses { get; init; }

    public long PriorDelivered { get; init; }

    public long Delivered { get; init; }

    public double Rate { get; init; }

    public long InFlightAtSend { get; init; }

    public long LostSinceSend { get; init; }

    public bool IsAppLimited { get; init; }
}
