namespace Coco.Traversal.Roaming;

/// <summary>What has happened to a roaming connection.</summary>
internal enum RoamingEventKind : byte
{
    /// <summary>A call has been answered: streams can be used.</summary>
    Connected,

    /// <summary>Packets go another way now.</summary>
    PathChanged,

    /// <summary>The reason for the way in use, or the ways known, have changed.</summary>
    VerdictChanged,

    /// <summary>The peer has said anew where it can be found.</summary>
    RecordReceived,

    /// <summary>A datagram has arrived.</summary>
    DatagramReceived,

    /// <summary>A datagram of ours was acknowledged; the value is its tag.</summary>
    DatagramAcknowledged,

    /// <summary>A datagram of ours was lost; the value is its tag.</summary>
    DatagramLost,

    /// <summary>The connection is over.</summary>
    Closed,
}
