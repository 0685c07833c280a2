namespace Coco.Quic.Congestion;

/// <summary>
/// What one ACK frame, or one loss timeout, changed on one path: sums over its packets, so that a controller runs once for
/// an ACK of forty packets. Only packets counted in flight are added; lost path MTU probes are not (RFC 9000 §14.4), they go
/// to <see cref="CongestionController.OnDiscarded"/>.
/// </summary>
internal struct AckBatch(CongestionController controller, long now)
{
    private readonly long _recoveryStart = controller.RecoveryStart;

    public readonly long Now => now;

    public long AckedBytes { get; private set; }

    /// <summary>Of these, the bytes sent after the last recovery period began, which alone grow a window (RFC 9002 §7.3.2).</summary>
    public long AckedOutsideRecovery { get; private set; }

    /// <summary>When the newest acknowledged packet was sent; meaningless while <see cref="AckedBytes"/> is 0.</summary>
    public long NewestAckedSentTime { get; private set; } = long.MinValue;

    public DeliverySnapshot NewestAcked { get; private set; }

    public long LostBytes { get; private set; }

    public int LostPackets { get; private set; }

    public int NewestLostBytes { get; private set; }

    public long NewestLostSentTime { get; private set; } = long.MinValue;

    public DeliverySnapshot NewestLost { get; private set; }

    /// <summary>The ACK's validated ECN counts report a new CE mark (RFC 9002 §7.1).</summary>
    public bool CongestionExperienced { get; set; }

    /// <summary>Adds a newly acknowledged packet.</summary>
    public void AddAcked(int bytes, long sentTime)
    {
        AckedBytes += bytes;
        if (sentTime > _recoveryStart)
        {
            AckedOutsideRecovery += bytes;
        }

        NewestAckedSentTime = Math.Max(NewestAckedSentTime, sentTime);
    }

    public void AddAcked(int bytes, long sentTime, in DeliverySnapshot snapshot)
    {
        // Packets may come in either order; of those sent at one instant the last added stands for all.
        if (sentTime >= NewestAckedSentTime)
        {
            NewestAcked = snapshot;
        }

        AddAcked(bytes, sentTime);
    }

    /// <summary>Adds a packet declared lost.</summary>
    public void AddLost(int bytes, long sentTime)
    {
        LostBytes += bytes;
        LostPackets++;
        if (sentTime >= NewestLostSentTime)
        {
            NewestLostSentTime = sentTime;
            NewestLostBytes = bytes;
        }
    }

    public void AddLost(int bytes, long sentTime, in DeliverySnapshot snapshot)
    {
        if (sentTime >= NewestLostSentTime)
        {
            NewestLost = snapshot;
        }

        AddLost(bytes, sentTime);
    }
}
