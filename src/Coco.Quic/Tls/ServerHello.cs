namespace Coco.Quic.Tls;

/// <summary>
/// ServerHello, and HelloRetryRequest which has its form (RFC 8446 §4.1.3, §4.1.4), read in place.
/// <code>
/// struct {
///     ProtocolVersion legacy_version = 0x0303;      2 bytes
///     Random random;                               32 bytes, a fixed value for HelloRetryRequest
///     opaque legacy_session_id_echo&lt;0..32&gt;;
///     CipherSuite cipher_suite;                     2 bytes
///     uint8 legacy_compression_method = 0;
///     Extension extensions&lt;6..2^16-1&gt;;
/// } ServerHello;
/// </code>
/// </summary>
internal readonly ref struct ServerHello
{
    public ushort LegacyVersion { get; private init; }

    public ReadOnlySpan<byte> Random { get; private init; }

    public ReadOnlySpan<byte> SessionIdEcho { get; private init; }

    public ushort CipherSuite { get; private init; }

    public byte CompressionMethod { get; private init; }

    public ExtensionBlock Extensions { get; private init; }

    public bool IsHelloRetryRequest => Random.SequenceEqual(TlsProfile.HelloRetryRequestRandom);

    public static bool TryParse(ReadOnlySpan<byte> body, out ServerHello hello, out AlertDescription alert)
    {
        hello = default;
        alert = AlertDescription.DecodeError;
        var reader = new TlsReader(body);
        if (!reader.TryReadUInt16(out var version) ||
            !reader.TryReadBytes(TlsProfile.RandomLength, out var random) ||
            !reader.TryReadVector8(0, out var sessionId) || sessionId.Length > 32 ||
            !reader.TryReadUInt16(out var suite) ||
            !reader.TryReadByte(out var compression))
        {
            return false;
        }

        // A TLS 1.2 server may leave the block out; the version check then refuses it by its proper alert.
        ReadOnlySpan<byte> extensions = default;
        if (!reader.IsEmpty && (!reader.TryReadVector16(0, out extensions) || !reader.IsEmpty)) { return false; }
        if (!ExtensionBlock.TryParse(extensions, out var block, out alert)) { return false; }

        hello = new()
        {
            LegacyVersion = version,
            Random = random,
            SessionIdEcho = sessionId,
            CipherSuite = suite,
            CompressionMethod = compression,
            Extensions = block,
        };
        return true;
    }

    /// <summary>Writes all but the extensions and returns where their vector begins.</summary>
    public static int BeginExtensions(TlsWriter writer, ReadOnlySpan<byte> random, ReadOnlySpan<byte> sessionIdEcho)
    {
        writer.WriteUInt16(TlsProfile.LegacyVersion);
        writer.Write(random);
        writer.WriteByte((byte)sessionIdEcho.Length);
        writer.Write(sessionIdEcho);
        writer.WriteUInt16(TlsProfile.CipherSuite);
        writer.WriteByte(0);
        return writer.BeginVector(2);
    }
}
