namespace Coco.Lab.Simulated;

/// <summary>What one direction of a cable does to packets. Probabilities from 0 to 1.</summary>
internal sealed record CableOptions
{
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(2.5);

    /// <summary>At most this much more, evenly spread. A packet never passes the one in front by it.</summary>
    public TimeSpan Jitter { get; init; }

    public double Loss { get; init; }

    /// <summary>Mean length of a run of losses: 1 for independent ones, more for Gilbert's two-state model.</summary>
    public double LossRun { get; init; } = 1;

    /// <summary>Zero for no limit.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>How long a packet may wait before a slow cable.</summary>
    public TimeSpan MaxQueue { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Share of packets that take half of the delay and so pass others.</summary>
    public double Reorder { get; init; }

    public double Duplicate { get; init; }

    /// <summary>Largest IP packet in bytes.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Whether whoever sends a packet over the MTU is told (RFC 1191, RFC 8201); otherwise it just vanishes.</summary>
    public bool ReportsTooBig { get; init; } = true;

    /// <summary>Nothing passes in this direction.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>UDP datagrams that begin with such a byte are dropped.</summary>
    public Func<byte, bool>? DropsFirstByte { get; init; }

    /// <summary>Packets of which this says so are dropped; null for none.</summary>
    public Func<SimulatedPacket, bool>? Drops { get; init; }
}
