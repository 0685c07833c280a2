using Coco.Quic.Packets;

namespace Coco.Quic.Parameters;

/// <summary>
/// What an endpoint declares about itself in the handshake. A value not sent has the default of RFC 9000 §18.2.
/// </summary>
internal sealed partial class TransportParameters
{
    public const ulong MinMaxUdpPayloadSize = 1200;
    public const ulong DefaultMaxUdpPayloadSize = 65527;
    public const ulong DefaultAckDelayExponent = 3;
    public const ulong MaxAckDelayExponent = 20;
    public const ulong DefaultMaxAckDelayMs = 25;
    public const ulong MaxMaxAckDelayMs = (1UL << 14) - 1;
    public const ulong MinActiveConnectionIdLimit = 2;
    public const ulong MaxStreams = 1UL << 60;

    /// <summary>Sent by servers only: the Destination Connection ID of the client's first Initial.</summary>
    public ConnectionId? OriginalDestinationConnectionId { get; set; }

    /// <summary>Milliseconds; zero means no idle timeout.</summary>
    public ulong MaxIdleTimeoutMs { get; set; }

    /// <summary>Sent by servers only: the token of the connection ID used in the handshake.</summary>
    public StatelessResetToken? StatelessResetToken { get; set; }

    public ulong MaxUdpPayloadSize { get; set; } = DefaultMaxUdpPayloadSize;

    public ulong InitialMaxData { get; set; }

    /// <summary>For bidirectional streams the sender of the parameter opens.</summary>
    public ulong InitialMaxStreamDataBidiLocal { get; set; }

    /// <summary>For bidirectional streams the receiver of the parameter opens.</summary>
    public ulong InitialMaxStreamDataBidiRemote { get; set; }

    public ulong InitialMaxStreamDataUni { get; set; }

    public ulong InitialMaxStreamsBidi { get; set; }

    public ulong InitialMaxStreamsUni { get; set; }

    public ulong AckDelayExponent { get; set; } = DefaultAckDelayExponent;

    public ulong MaxAckDelayMs { get; set; } = DefaultMaxAckDelayMs;

    public bool DisableActiveMigration { get; set; }

    /// <summary>Sent by servers only. We parse it and never send it.</summary>
    public PreferredAddress? PreferredAddress { get; set; }

    public ulong ActiveConnectionIdLimit { get; set; } = MinActiveConnectionIdLimit;

    /// <summary>Required of both: the Source Connection ID of the first Initial its sender sent (§7.3).</summary>
    public ConnectionId? InitialSourceConnectionId { get; set; }

    /// <summary>Sent by servers only, after a Retry: its Source Connection ID.</summary>
    public ConnectionId? RetrySourceConnectionId { get; set; }

    /// <summary>The largest DATAGRAM frame accepted, type and length included; zero means none (RFC 9221 §3).</summary>
    public ulong MaxDatagramFrameSize { get; set; }

    /// <summary>Microseconds; null means its sender understands no ACK_FREQUENCY or IMMEDIATE_ACK frames.</summary>
    public ulong? MinAckDelayMicroseconds { get; set; }

    /// <summary>Whether its sender knows migration started by either side.</summary>
    public bool CocoMigration { get; set; }
}
