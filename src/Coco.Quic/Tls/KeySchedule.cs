using System.Security.Cryptography;
using Coco.Quic.Packets;

namespace Coco.Quic.Tls;

/// <summary>
/// The key schedule (RFC 8446 §7.1), with SHA-256 and without pre-shared keys.
/// <code>
///              0
///              |
///   0 ->  HKDF-Extract = Early Secret          a constant, as is what is derived from it
///              |
///        Derive-Secret(., "derived", "")
///              |
/// (EC)DHE -> HKDF-Extract = Handshake Secret
///              |
///              +-----> Derive-Secret(., "c hs traffic", ClientHello...ServerHello)
///              +-----> Derive-Secret(., "s hs traffic", ClientHello...ServerHello)
///        Derive-Secret(., "derived", "")
///              |
///   0 -> HKDF-Extract = Master Secret
///              |
///              +-----> Derive-Secret(., "c ap traffic", ClientHello...server Finished)
///              +-----> Derive-Secret(., "s ap traffic", ClientHello...server Finished)
///              +-----> Derive-Secret(., "exp master", ClientHello...server Finished)
/// </code>
/// </summary>
internal sealed class KeySchedule : IDisposable
{
    private static readonly byte[] Zeros = new byte[TlsProfile.HashLength];
    private static readonly byte[] EmptyHash = SHA256.HashData([]);
    private static readonly byte[] DerivedFromEarlySecret = DeriveFromEarlySecret();

    private readonly byte[] _secret = new byte[TlsProfile.HashLength];

    /// <summary>The Handshake Secret, once <see cref="EnterHandshake"/> was called; then the Master Secret.</summary>
    public ReadOnlySpan<byte> Current => _secret;

    public void EnterHandshake(ReadOnlySpan<byte> sharedSecret) =>
        HkdfLabel.Extract(DerivedFromEarlySecret, sharedSecret, _secret);

    public void EnterMaster()
    {
        Span<byte> derived = stackalloc byte[TlsProfile.HashLength];
        Derive("derived"u8, EmptyHash, derived);
        HkdfLabel.Extract(derived, Zeros, _secret);
        CryptographicOperations.ZeroMemory(derived);
    }

    /// <summary>Derive-Secret, with the transcript already hashed.</summary>
    public void Derive(ReadOnlySpan<byte> label, ReadOnlySpan<byte> transcriptHash, Span<byte> destination) =>
        HkdfLabel.ExpandLabel(_secret, label, transcriptHash, destination);

    /// <summary>The verify_data of Finished (RFC 8446 §4.4.4).</summary>
    public static void VerifyData(ReadOnlySpan<byte> trafficSecret, ReadOnlySpan<byte> transcriptHash, Span<byte> destination)
    {
        Span<byte> finishedKey = stackalloc byte[TlsProfile.HashLength];
        HkdfLabel.ExpandLabel(trafficSecret, "finished"u8, [], finishedKey);
        HMACSHA256.HashData(finishedKey, transcriptHash, destination);
        CryptographicOperations.ZeroMemory(finishedKey);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);

    private static byte[] DeriveFromEarlySecret()
    {
        var early = HMACSHA256.HashData(Zeros, Zeros);
        var derived = new byte[TlsProfile.HashLength];
        HkdfLabel.ExpandLabel(early, "derived"u8, EmptyHash, derived);
        return derived;
    }
}
