using Coco.Crypto;
using Coco.Quic.Qlog;
using Coco.Quic.Tls;

namespace Coco.Quic.Connections;

/// <summary>Who an endpoint is, whom it lets in, and how its connections behave.</summary>
public sealed record EndpointOptions
{
    /// <summary>The identities that answer here. A caller names one by a token only it and the identity's holders can make; to others
    /// the endpoint is silent. Empty for an endpoint that only calls.</summary>
    public IReadOnlyList<IdentityKey> Identities { get; init; } = [];

    /// <summary>Application protocols (ALPN), the preferred one first. Default <c>coco/1</c>.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = ["coco/1"];

    /// <summary>Whether peers may open connections; they can only where there is an identity. Default true.</summary>
    public bool AcceptConnections { get; init; } = true;

    /// <summary>How connections behave.</summary>
    public QuicOptions Connection { get; init; } = new();

    /// <summary>Connections at once; strangers beyond are dropped. From 1 to 10 million, default 100,000.</summary>
    public int MaxConnections { get; init => field = Guard.InRange(value, 1, 10_000_000); } = 100_000;

    /// <summary>Connections of peers whose handshake is not complete; strangers beyond are dropped. From 1 to 1 million, default 1,024.</summary>
    public int MaxHalfOpenConnections { get; init => field = Guard.InRange(value, 1, 1_000_000); } = 1024;

    /// <summary>When callers have to prove their address first. Default under load.</summary>
    public AddressValidation AddressValidation { get; init; } = AddressValidation.UnderLoad;

    /// <summary>Whether callers get a token that spares them that proof next time (RFC 9000 §8.1.3). Default false.</summary>
    public bool IssueTokens { get; init; }

    /// <summary>Whether other versions of QUIC and packets of lost connections are answered (RFC 9000 §6.1, §10.3). Default true; neither
    /// answer names an identity.</summary>
    public bool AnswersStrangers { get; init; } = true;

    /// <summary>Stateless resets sent per second at most (RFC 9000 §10.3). From 0 to 100,000, default 100.</summary>
    public int MaxStatelessResetsPerSecond { get; init => field = Guard.InRange(value, 0, 100_000); } = 100;

    /// <summary>The key from which stateless reset tokens are made (RFC 9000 §10.3.2): keep it across restarts, so that peers learn at once
    /// that their connection is lost. Drawn afresh when empty; otherwise 32 secret bytes.</summary>
    public ReadOnlyMemory<byte> StatelessResetKey { get; init; }

    /// <summary>Makes a qlog trace for each connection; none by default.</summary>
    public Func<QuicConnection, QlogTrace?>? Qlog { get; init; }

    /// <summary>Whether <see cref="QuicEndpoint.TryTakeReady"/> is used; a host that does not take connections there has them pile up.
    /// Default false.</summary>
    public bool ReportsReady { get; init; }

    internal TlsOptions? Tls { get; init; }
}
