namespace Coco.Transport;

/// <summary>Figures of a connection at one moment.</summary>
public sealed record TransportStatistics
{
    /// <summary>Smoothed round-trip time of the path in use.</summary>
    public TimeSpan RoundTripTime { get; init; }

    /// <summary>The shortest round trip seen on the path in use.</summary>
    public TimeSpan MinimumRoundTripTime { get; init; }

    /// <summary>Packets sent, on all paths.</summary>
    public long PacketsSent { get; init; }

    /// <summary>Packets received, on all paths.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>Packets of ours that were lost, on all paths.</summary>
    public long PacketsLost { get; init; }

    /// <summary>Bytes in flight that the congestion controller allows on the path in use.</summary>
    public long CongestionWindow { get; init; }

    /// <summary>Bytes of the largest packet that the path in use is known to take.</summary>
    public int MaxPacketSize { get; init; }
}
