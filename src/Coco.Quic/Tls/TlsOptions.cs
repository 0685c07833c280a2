namespace Coco.Quic.Tls;

/// <summary>What a handshake insists on beyond the fixed profile. One instance serves any number of connections.</summary>
internal sealed record TlsOptions
{
    /// <summary>Names the whole cryptographic profile (docs/architecture.md, "Secure connections").</summary>
    public const string CocoProtocol = "coco/1";

    /// <summary>
    /// ALPN names, 1 to 255 ASCII characters each: all are offered by a client, the first match is taken by a server.
    /// </summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [CocoProtocol];

    /// <summary>
    /// Longest handshake message accepted, in bytes. From 1,024 to 65,536, default 16,384: a ClientHello with several
    /// post-quantum key shares and a long certificate chain both fit, and that is what a stranger can make us hold.
    /// </summary>
    public int MaxMessageSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1024);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 65536);
            field = value;
        }
    } = 16384;

    /// <summary>Whether a server asks for the client's key. Default: it must.</summary>
    public ClientAuthentication ClientAuthentication { get; init; } = ClientAuthentication.Required;

    /// <summary>
    /// A server answers only clients whose server name is a token for one of its identities, and is silent to all others
    /// (<see cref="ServerNameToken"/>). False for foreign clients: the first identity then answers. Default true.
    /// </summary>
    public bool RequireServerNameToken { get; init; } = true;

    /// <summary>Certificates instead of raw keys, to talk to foreign stacks in tests; null for the raw-key profile.</summary>
    internal X509ForTests? X509 { get; init; }

    /// <summary>
    /// False when a test puts a TLS record layer under the engine: transport parameters are then neither sent nor expected
    /// (RFC 9001 §8.2), and the compatibility mode of RFC 8446 §D.4 is tolerated (§8.4 forbids it in QUIC).
    /// </summary>
    internal bool RequireTransportParameters { get; init; } = true;

    internal SecretLog? SecretLog { get; init; }
}
