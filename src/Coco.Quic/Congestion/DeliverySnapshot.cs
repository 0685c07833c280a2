namespace Coco.Quic.Congestion;

/// <summary>
/// What a delivery-rate sample needs to know about the moment its packet was sent (draft-ietf-ccwg-bbr §4.1.2.2). Kept beside
/// the sent packet, 24 bytes, and only when <see cref="CongestionController.NeedsDeliverySnapshots"/>. Byte counts are the
/// low 32 bits, times are ages at the send; both stay exact for less than 4 GiB and 429 s in flight.
/// </summary>
internal readonly record struct DeliverySnapshot(
    uint Delivered, uint DeliveredAge, uint FirstSentAge, uint InFlight, uint Lost, bool IsAppLimited)
{
    /// <summary>The full count whose low bits were kept, given that it is at most <paramref name="current"/>.</summary>
    public static long Widen(uint low, long current) => current - unchecked((uint)current - low);

    /// <summary>The age of <paramref name="earlier"/> at <paramref name="now"/>, saturating.</summary>
    public static uint Age(long earlier, long now) => (uint)Math.Clamp(now - earlier, 0, uint.MaxValue);
}
