using System.Security.Cryptography;

namespace Coco.Quic.Tls;

/// <summary>The running hash over all handshake messages, headers included (RFC 8446 §4.4.1).</summary>
internal sealed class Transcript : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Append(ReadOnlySpan<byte> message) => _hash.AppendData(message);

    public void CopyHashTo(Span<byte> destination) => _hash.GetCurrentHash(destination);

    /// <summary>
    /// §4.4.1: after a HelloRetryRequest, a message_hash with the hash of the first ClientHello stands in for it.
    /// </summary>
    public void ReplaceWithMessageHash()
    {
        Span<byte> message = stackalloc byte[4 + TlsProfile.HashLength];
        message[0] = (byte)HandshakeType.MessageHash;
        message[3] = TlsProfile.HashLength;
        _hash.GetHashAndReset(message[4..]);
        _hash.AppendData(message);
    }

    public void Dispose() => _hash.Dispose();
}
