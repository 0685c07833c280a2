namespace Coco.Quic.Tls;

/// <summary>
/// The X.509 mode, which exists to talk to foreign stacks in tests. It checks keys, never names, dates or chains.
/// </summary>
internal sealed record X509ForTests
{
    /// <summary>What we can present, in order of preference; the peer's signature_algorithms choose.</summary>
    public IReadOnlyList<X509Credential> Credentials { get; init; } = [];

    /// <summary>Judges the peer's end-entity certificate (DER). The default takes any.</summary>
    public Func<byte[], bool> Accept { get; init; } = static _ => true;

    /// <summary>The host name a client puts into server_name.</summary>
    public string? ServerName { get; init; }

    /// <summary>Accepts exactly one end-entity certificate.</summary>
    public static Func<byte[], bool> Pin(byte[] leaf) => certificate => certificate.AsSpan().SequenceEqual(leaf);
}
