using Coco.Quic.Congestion;
using Coco.Quic.Streams;

namespace Coco.Quic;

/// <summary>How connections behave: what we offer the peer in transport parameters, and how far it may push us.</summary>
public sealed record QuicOptions
{
    /// <summary>Silence after which a connection is given up, offered as max_idle_timeout (RFC 9000 §10.1); the lower of both ends'
    /// counts. Zero for never. Up to 10 hours, default 30 s.</summary>
    public TimeSpan IdleTimeout { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromHours(10)); } = TimeSpan.FromSeconds(30);

    /// <summary>Time without an answer, to what has been sent since anything was last heard, after which a connection is given up although its
    /// idle timeout is longer. Zero, the default, for none of its own. Up to 10 hours. With it an idle timeout may be long, so that quiet
    /// connections need few packets, and one whose peer has gone ends soon after it is used.</summary>
    public TimeSpan AnswerTimeout { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromHours(10)); } = TimeSpan.Zero;

    /// <summary>Silence after which a PING keeps the connection and its NAT mapping alive (RFC 9000 §10.1.2). Zero, the default, for
    /// none. Up to 1 hour.</summary>
    public TimeSpan KeepAlive { get; init => field = Guard.InRange(value, TimeSpan.Zero, TimeSpan.FromHours(1)); } = TimeSpan.Zero;

    /// <summary>Time a handshake may take. From 1 s to 5 minutes, default 30 s.</summary>
    public TimeSpan HandshakeTimeout { get; init => field = Guard.InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)); } = TimeSpan.FromSeconds(30);

    /// <summary>Streams: windows, counts and buffers.</summary>
    public StreamOptions Streams { get; init; } = new();

    /// <summary>Largest DATAGRAM frame taken, in bytes (RFC 9221 §3); zero refuses them. Default 65,535, which means any that fits a packet.</summary>
    public int MaxDatagramFrameSize { get; init => field = Guard.InRange(value, 0, 65_535); } = 65_535;

    /// <summary>Bytes of received datagrams kept for the application; beyond that the oldest are dropped. From 1,500 to 64 MiB, default 1 MiB.</summary>
    public int DatagramReceiveBuffer { get; init => field = Guard.InRange(value, 1500, 64 << 20); } = 1 << 20;

    /// <summary>Bytes of datagrams waiting to be sent; beyond that sending is refused. From 1,500 to 64 MiB, default 1 MiB.</summary>
    public int DatagramSendBuffer { get; init => field = Guard.InRange(value, 1500, 64 << 20); } = 1 << 20;

    /// <summary>Which congestion controller a path gets. Default CUBIC (RFC 9438).</summary>
    public CongestionAlgorithm Congestion { get; init; } = CongestionAlgorithm.Cubic;

    /// <summary>Most bytes in flight on one path whatever the congestion controller allows. From 64 KiB to 1 GiB, default 32 MiB.</summary>
    public int MaxCongestionWindow { get; init => field = Guard.InRange(value, 64 << 10, 1 << 30); } = 32 << 20;

    /// <summary>Whether ECN is tried on paths of datagrams (RFC 9000 §13.4). Default true.</summary>
    public bool Ecn { get; init; } = true;

    /// <summary>Whether larger packets than 1,200 bytes are probed for (RFC 8899). Default true.</summary>
    public bool ProbePathMtu { get; init; } = true;

    /// <summary>Longest time an acknowledgement is held back, offered as max_ack_delay (RFC 9000 §13.2.1). From 1 ms to 16 s, default 25 ms.</summary>
    public TimeSpan MaxAckDelay { get; init => field = Guard.InRange(value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(16)); } = TimeSpan.FromMilliseconds(25);

    /// <summary>Connection IDs of ours that the peer may hold at once, and of the peer's that we hold (RFC 9000 §5.1.1): one for each path
    /// in use, and spares. From 2 to 16, default 4.</summary>
    public int ActiveConnectionIdLimit { get; init => field = Guard.InRange(value, 2, 16); } = 4;

    /// <summary>Paths that a connection keeps state for; a peer that turns up from more addresses displaces the oldest unvalidated.
    /// From 2 to 16, default 4.</summary>
    public int MaxPaths { get; init => field = Guard.InRange(value, 2, 16); } = 4;

    /// <summary>Gaps in the received packet numbers that are remembered (RFC 9000 §13.2.3). From 8 to 1,024, default 64.</summary>
    public int MaxAckRanges { get; init => field = Guard.InRange(value, 8, 1024); } = 64;

    /// <summary>Whether either side may start a migration, by our private transport parameter (docs/wire.md); in force when both ask for
    /// it. Default true.</summary>
    public bool SymmetricMigration { get; init; } = true;
}
