using Coco.Quic.Paths;

namespace Coco.Quic.Connections;

/// <summary>Figures of a connection and of the path it uses, at one moment.</summary>
public readonly record struct ConnectionStatistics
{
    /// <summary>The path in use.</summary>
    public PathId Path { get; init; }

    /// <summary>smoothed_rtt of RFC 9002 §5.3.</summary>
    public TimeSpan SmoothedRtt { get; init; }

    /// <summary>min_rtt of RFC 9002 §5.2.</summary>
    public TimeSpan MinimumRtt { get; init; }

    /// <summary>Bytes that may be in flight on the path.</summary>
    public long CongestionWindow { get; init; }

    /// <summary>Bytes in flight on the path.</summary>
    public long BytesInFlight { get; init; }

    /// <summary>Bytes of the largest datagram the path is known to carry.</summary>
    public int MaxDatagramSize { get; init; }

    /// <summary>Packets sent on all paths.</summary>
    public long PacketsSent { get; init; }

    /// <summary>Authentic packets received on all paths.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>Packets declared lost on all paths.</summary>
    public long PacketsLost { get; init; }

    /// <summary>Bytes sent on the path in use.</summary>
    public long BytesSent { get; init; }

    /// <summary>Bytes received on the path in use.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Whether the path carries ECN marks: Testing, Unknown, Failed or Capable (RFC 9000 A.4).</summary>
    public string EcnState { get; init; }
}
