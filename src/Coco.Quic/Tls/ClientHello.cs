namespace Coco.Quic.Tls;

/// <summary>
/// ClientHello (RFC 8446 §4.1.2), read in place.
/// <code>
/// struct {
///     ProtocolVersion legacy_version = 0x0303;      2 bytes
///     Random random;                               32 bytes
///     opaque legacy_session_id&lt;0..32&gt;;
///     CipherSuite cipher_suites&lt;2..2^16-2&gt;;
///     opaque legacy_compression_methods&lt;1..2^8-1&gt;;
///     Extension extensions&lt;8..2^16-1&gt;;
/// } ClientHello;
/// </code>
/// </summary>
internal readonly ref struct ClientHello
{
    private const int MaxSessionIdLength = 32;

    public ReadOnlySpan<byte> Random { get; private init; }

    public ReadOnlySpan<byte> SessionId { get; private init; }

    public UInt16List CipherSuites { get; private init; }

    public ReadOnlySpan<byte> CompressionMethods { get; private init; }

    public ExtensionBlock Extensions { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out ClientHello hello, out AlertDescription alert)
    {
        hello = default;
        alert = AlertDescription.DecodeError;
        var reader = new TlsReader(body);
        // legacy_version says nothing: supported_versions does (§4.2.1), and without it the version is refused anyway.
        if (!reader.TryReadUInt16(out _) ||
            !reader.TryReadBytes(TlsProfile.RandomLength, out var random) ||
            !reader.TryReadVector8(0, out var sessionId) || sessionId.Length > MaxSessionIdLength ||
            !reader.TryReadVector16(2, out var suites) || suites.Length % 2 != 0 ||
            !reader.TryReadVector8(1, out var compression))
        {
            return false;
        }

        // §4.1.2: clients before TLS 1.3 may leave extensions out altogether; "exact size" tells.
        ReadOnlySpan<byte> extensions = default;
        if (!reader.IsEmpty && (!reader.TryReadVector16(0, out extensions) || !reader.IsEmpty)) { return false; }
        if (!ExtensionBlock.TryParse(extensions, out var block, out alert)) { return false; }

        hello = new()
        {
            Random = random,
            SessionId = sessionId,
            CipherSuites = new(suites),
            CompressionMethods = compression,
            Extensions = block,
        };
        return true;
    }
}
