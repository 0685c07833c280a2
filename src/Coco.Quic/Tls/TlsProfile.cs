namespace Coco.Quic.Tls;

/// <summary>The values there is nothing to negotiate about, and the fixed numbers of RFC 8446.</summary>
internal static class TlsProfile
{
    /// <summary>TLS_CHACHA20_POLY1305_SHA256 (RFC 8446 §B.4), the only cipher suite.</summary>
    public const ushort CipherSuite = 0x1303;

    /// <summary>x25519 (RFC 8446 §4.2.7), the only group.</summary>
    public const ushort Group = 0x001d;

    /// <summary>TLS 1.3 as it stands in supported_versions (RFC 8446 §4.2.1).</summary>
    public const ushort Version = 0x0304;

    /// <summary>What every hello says in legacy_version (RFC 8446 §4.1.2, §4.1.3).</summary>
    public const ushort LegacyVersion = 0x0303;

    public const int RandomLength = 32;
    public const int HashLength = 32;
    public const int KeyShareLength = 32;

    /// <summary>
    /// The random that turns a ServerHello into a HelloRetryRequest: SHA-256("HelloRetryRequest") (RFC 8446 §4.1.3).
    /// </summary>
    public static ReadOnlySpan<byte> HelloRetryRequestRandom =>
    [
        0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
        0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
    ];

    /// <summary>
    /// What a server able to speak TLS 1.3 puts before 0x01 or 0x00 at the end of an older version's random (§4.1.3).
    /// </summary>
    public static ReadOnlySpan<byte> DowngradeSentinel => "DOWNGRD"u8;
}
