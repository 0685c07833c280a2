using Coco.Crypto;
using Coco.Quic;
using Coco.Traversal.Finding;
using Coco.Traversal.Hops;
using Coco.Traversal.Relays;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Roaming;

/// <summary>Who a roaming endpoint is and how it behaves.</summary>
internal sealed record RoamingOptions
{
    /// <summary>The application protocol of connections between nodes (ALPN).</summary>
    public const string PeerProtocol = "coco/1";

    /// <summary>The application protocol of connections between a node and a relay (ALPN).</summary>
    public const string RelayProtocol = "coco-relay/1";

    /// <summary>The identities that answer here; the first is the one we call as where nothing else is said.</summary>
    public IReadOnlyList<IdentityKey> Identities { get; init; } = [];

    /// <summary>Whether peers may open connections. Default true.</summary>
    public bool AcceptConnections { get; init; } = true;

    /// <summary>How connections between nodes behave.</summary>
    public QuicOptions Connection { get; init; } = new()
    {
        // Chosen: an outage of half a minute, which roaming devices have every day, is not the end of a connection.
        AnswerTimeout = TimeSpan.FromMinutes(2),
        IdleTimeout = TimeSpan.FromMinutes(10), // of connections that nobody uses: the longest silence, and a second try
        KeepAlive = TimeSpan.FromSeconds(25),
    };

    /// <summary>Connections at once. From 1 to 10 million, default 100,000.</summary>
    public int MaxConnections { get; init; } = 100_000;

    /// <summary>How long a caller whose handshake is complete may take to say hello, and a relay's client to open its control stream.
    /// Default 10 s: a hello travels with the end of the handshake, and may be lost three times.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Probes per minute of all connections together to addresses that never answered, a quarter of a percent of them to each: what
    /// victims whose addresses peers give as their own get at most. From 512 to 1 million, default 32,768: the first round of 100 peers
    /// at once, or ten birthday attempts.</summary>
    public int SilentProbesPerMinute { get; init => field = Guard.InRange(value, 512, 1_000_000); } = 32_768;

    /// <summary>Sockets that are open at once beside the host's own, for birthday punching; peers beyond are refused it. Default 1,024,
    /// four attempts at once.</summary>
    public int MaxExtraSockets { get; init; } = 1024;

    /// <summary>Ways of packets that are remembered; strangers beyond are not heard. Default 200,000.</summary>
    public int MaxPaths { get; init; } = 200_000;

    /// <summary>Addresses that a call tries at once. Default 8.</summary>
    public int MaxAttempts { get; init; } = 8;

    /// <summary>Time between the attempts of one call (RFC 8305 §5, Connection Attempt Delay, shorter because each is one datagram).
    /// Default 50 ms.</summary>
    public TimeSpan AttemptDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether TCP is tried where UDP is silent. Default true.</summary>
    public bool UsesTcp { get; init; } = true;

    /// <summary>How direct ways are looked for and chosen.</summary>
    public PathFinderOptions Finding { get; init; } = PathFinderOptions.Default;

    /// <summary>Relays of which two are kept as homes, at which we can be reached.</summary>
    public IReadOnlyList<RelayInfo> Relays { get; init; } = [];

    /// <summary>How homes are chosen among them.</summary>
    public RelayHomesOptions Homes { get; init; } = new();

    /// <summary>STUN servers beside the relays, which are all asked for the address they see.</summary>
    public IReadOnlyList<NetworkAddress> StunServers { get; init; } = [];

    /// <summary>How the NAT is looked at.</summary>
    public NatProberOptions Nat { get; init; } = new();

    /// <summary>Whether others are told which address we see of them. Default true.</summary>
    public bool ServesStun { get; init; } = true;

    /// <summary>Whom to serve as a relay; null, the default, for nobody.</summary>
    public RelayServerOptions? RelayServer { get; init; }

    /// <summary>Knows the ways through the mesh; null, the default, for none: nothing is passed on then.</summary>
    public IHopRouter? HopRouter { get; init; }

    /// <summary>How much is passed on for others in the mesh.</summary>
    public HopOptions Hops { get; init; } = new();

    /// <summary>The wall clock at time zero, in seconds since 1970-01-01 UTC: goes into address records, decides nothing here.</summary>
    public ulong UnixSecondsAtZero { get; init; }

    /// <summary>The key of stateless resets (RFC 9000 §10.3.2), 32 bytes; drawn afresh when empty.</summary>
    public ReadOnlyMemory<byte> StatelessResetKey { get; init; }
}
