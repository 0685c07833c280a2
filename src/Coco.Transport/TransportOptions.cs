using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Coco.Crypto;
using Coco.Quic;
using Coco.Transport.Lookup;
using Coco.Transport.PortMapping;
using Coco.Transport.Udp;
using Coco.Traversal.Finding;
using Coco.Traversal.Hops;
using Coco.Traversal.Relays;
using Microsoft.Extensions.Logging;

namespace Coco.Transport;

/// <summary>Who an <see cref="Endpoint"/> is, where it listens and how its connections behave.</summary>
public sealed record TransportOptions
{
    /// <summary>The identities that answer here from the start; the first is the one we call as where nothing else is said. Others may come
    /// later (<see cref="Endpoint.AddIdentity"/>), and none is needed before. They stay the caller's, to be disposed after the endpoint, or
    /// after their removal. Default none.</summary>
    public IReadOnlyList<IdentityKey> Identities { get; init; } = [];

    /// <summary>Where to listen, by UDP. Port 0 lets the system choose; an IPv6 address of all zeros takes IPv4 as well. Default: all
    /// addresses of both families, on a port that the system chooses.</summary>
    public IReadOnlyList<IPEndPoint> ListenAddresses { get; init; } = [];

    /// <summary>Which ways to peers may be used. Default all.</summary>
    public PathPolicy Policy { get; init; } = PathPolicy.Default;

    /// <summary>Relays of which each identity stays connected to two, so that peers reach it where they cannot reach it directly, unless it has
    /// its own (<see cref="IdentityOptions.Relays"/>). Default none.</summary>
    public IReadOnlyList<RelayInfo> Relays { get; init; } = [];

    /// <summary>Makes the endpoint a relay for others; null, the default, for no relay.</summary>
    public RelayServerOptions? RelayServer { get; init; }

    /// <summary>Where the relay tells other relays of its owner's what records its clients published, and asks for those of nodes that are registered
    /// elsewhere: a caller at one finds a callee at another. An answer may take 2 s. Null, the default, for a relay on its own.</summary>
    public IAddressLookup? RelayPresence { get; init; }

    /// <summary>Addresses of STUN servers beside the relays and peers that answer too. Default none.</summary>
    public IReadOnlyList<IPEndPoint> StunServers { get; init; } = [];

    /// <summary>Whether TCP is listened for, on the port of UDP, and tried where UDP is blocked. Default true.</summary>
    public bool UseTcp { get; init; } = true;

    /// <summary>Where WebSockets over TLS are listened for, as relays do on port 443 for peers whose UDP is blocked. Default nowhere.</summary>
    public IReadOnlyList<IPEndPoint> WebSocketAddresses { get; init; } = [];

    /// <summary>The certificate shown there, with its private key; one that is made at the start and signed by itself when null. Coco does
    /// not verify it, since nodes prove their identity inside; a proxy on the way may.</summary>
    public X509Certificate2? WebSocketCertificate { get; init; }

    /// <summary>The same with its chain, asked at each connection: for a certificate that is renewed while it is shown. Goes before the other where it gives one.</summary>
    internal Func<SslStreamCertificateContext?>? WebSocketCertificates { get; init; }

    /// <summary>Through which HTTP proxy WebSockets are opened; as the system or the environment says when null.</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>Whether the default router is asked to map our ports (PCP, NAT-PMP, UPnP IGD), which makes the node easier to reach.
    /// Default false.</summary>
    public bool MapPorts { get; init; }

    /// <summary>Where address records are looked up, and ours and those of peers are published; null, the default, for nowhere.</summary>
    public IAddressLookup? Lookup { get; init; }

    /// <summary>Knows the ways through the mesh of which this endpoint's nodes are members: makes them pass on datagrams of neighbours
    /// (<see cref="Connection.IsNeighbour"/>), and calls go through neighbours (<see cref="ConnectHints.ViaMesh"/>). Asked on the endpoint's own
    /// thread. Null, the default, for no mesh.</summary>
    public IHopRouter? HopRouter { get; init; }

    /// <summary>How much is passed on for others in the mesh.</summary>
    public HopOptions Hops { get; init; } = new();

    /// <summary>Whether peers may open connections. Default true.</summary>
    public bool AcceptConnections { get; init; } = true;

    /// <summary>Connections of peers that wait for <see cref="Endpoint.AcceptAsync"/>; those beyond are closed. From 1 to 65,536, default
    /// 1,024.</summary>
    public int AcceptBacklog { get; init => field = InRange(value, 1, 65_536); } = 1024;

    /// <summary>Connections at once. From 1 to 10 million, default 100,000.</summary>
    public int MaxConnections { get; init => field = InRange(value, 1, 10_000_000); } = 100_000;

    /// <summary>Time that <see cref="Endpoint.ConnectAsync"/> may take. From 1 ms to 5 minutes, default 15 s.</summary>
    public TimeSpan ConnectTimeout { get; init => field = InRange(value, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5)); } = TimeSpan.FromSeconds(15);

    /// <summary>Time that closing waits until the peer has acknowledged the streams whose writes were completed. From 0 to 1 minute,
    /// default 2 s.</summary>
    public TimeSpan CloseTimeout { get; init => field = InRange(value, TimeSpan.Zero, TimeSpan.FromMinutes(1)); } = TimeSpan.FromSeconds(2);

    /// <summary>How connections behave: streams, windows, idle timeout, keep-alive. Default: two minutes without an answer, so that a
    /// roaming device's outage of half a minute ends nothing; an idle timeout of 10 minutes, so that quiet ones need few packets; and a
    /// keep-alive every 25 s until it is learnt how long paths live.</summary>
    public QuicOptions Connection { get; init; } = new()
    {
        IdleTimeout = TimeSpan.FromMinutes(10), AnswerTimeout = TimeSpan.FromMinutes(2), KeepAlive = TimeSpan.FromSeconds(25),
    };

    /// <summary>Whether code that awaited this library runs on the endpoint's own thread, default false. That saves two changes of thread
    /// for each message; such code must never block, or everything stands still.</summary>
    public bool InlineContinuations { get; init; }

    /// <summary>Where the endpoint tells what it does; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The key of stateless resets (RFC 9000 §10.3.2), 32 secret bytes: keep it across restarts, so that peers learn at once that
    /// their connections are lost. Drawn afresh when empty.</summary>
    public ReadOnlyMemory<byte> StatelessResetKey { get; init; }

    internal UdpChannelOptions Udp { get; init; } = new();

    internal PortMappingOptions PortMapping { get; init; } = new();

    private static T InRange<T>(T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0) { throw new ArgumentOutOfRangeException(nameof(value), value, $"The value must be from {least} to {most}."); }
        return value;
    }
}
