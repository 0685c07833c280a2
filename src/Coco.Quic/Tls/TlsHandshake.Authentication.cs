using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Quic.Tls;

/// <summary>The authentication messages, which both sides send and check alike (RFC 8446 §4.4).</summary>
internal abstract partial class TlsHandshake
{
    /// <summary>What the peer presented; null until Certificate, and when a client went without one.</summary>
    protected PeerCertificate? Peer { get; private set; }

    /// <summary>Reads Certificate (§4.4.2). An empty list leaves <see cref="Peer"/> null, for the caller to judge.</summary>
    protected bool ReadCertificate(ReadOnlySpan<byte> message, NodeId expected)
    {
        if (!CertificateMessage.TryRead(BodyOf(message), CertificateType, out var leaf, out var alert))
        {
            return Fail(alert, "the peer sent a Certificate that is malformed or not as RFC 8446 §4.4.2 has it");
        }

        Transcript.Append(message);
        if (leaf.IsEmpty) { return true; }
        return Options.X509 is null ? ReadRawKey(leaf, expected) : ReadX509(leaf, Options.X509);
    }

    /// <summary>Checks CertificateVerify (§4.4.3) over the transcript up to it.</summary>
    protected bool ReadCertificateVerify(ReadOnlySpan<byte> message)
    {
        if (!CertificateVerify.TryRead(BodyOf(message), out var scheme, out var signature))
        {
            return Fail(AlertDescription.DecodeError, "the peer sent a malformed CertificateVerify");
        }

        // §4.4.3: one of those we offered, and RSASSA-PKCS1-v1_5 never, though it may be offered for certificates.
        if (!SignatureAlgorithms.Accepted(Options).Contains(scheme) || scheme is SignatureScheme.RsaPkcs1Sha256)
        {
            return Fail(
                AlertDescription.IllegalParameter,
                $"the peer signed with scheme 0x{(ushort)scheme:x4}, which was not offered");
        }

        Span<byte> hash = stackalloc byte[TlsProfile.HashLength];
        Transcript.CopyHashTo(hash);
        if (!CertificateVerify.Verify(Peer!, scheme, signature, byClient: !IsClient, hash))
        {
            return Fail(AlertDescription.DecryptError, "the signature in the peer's CertificateVerify is wrong");
        }

        Transcript.Append(message);
        return true;
    }

    /// <summary>Checks Finished (§4.4.4) over the transcript up to it.</summary>
    protected bool ReadFinished(ReadOnlySpan<byte> message)
    {
        if (BodyOf(message).Length != TlsProfile.HashLength)
        {
            return Fail(AlertDescription.DecodeError, $"the peer sent a Finished of {BodyOf(message).Length} bytes");
        }

        Span<byte> hash = stackalloc byte[TlsProfile.HashLength];
        Span<byte> expected = stackalloc byte[TlsProfile.HashLength];
        Transcript.CopyHashTo(hash);
        KeySchedule.VerifyData(FinishedSecret(ofClient: !IsClient), hash, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, BodyOf(message)))
        {
            return Fail(AlertDescription.DecryptError, "the verify_data in the peer's Finished is wrong");
        }

        Transcript.Append(message);
        return true;
    }

    /// <summary>Writes Certificate, CertificateVerify unless there is nothing to sign with, and Finished.</summary>
    protected void WriteAuthentication(TlsWriter writer, LocalCertificate? certificate, bool sendCertificate)
    {
        Span<byte> hash = stackalloc byte[TlsProfile.HashLength];
        if (sendCertificate) { Transcript.Append(CertificateMessage.Write(writer, certificate)); }
        if (certificate is not null)
        {
            Transcript.CopyHashTo(hash);
            Transcript.Append(CertificateVerify.Write(writer, certificate, byClient: IsClient, hash));
        }

        Transcript.CopyHashTo(hash);
        var finished = writer.BeginMessage(HandshakeType.Finished);
        KeySchedule.VerifyData(FinishedSecret(ofClient: IsClient), hash, writer.Take(TlsProfile.HashLength));
        Transcript.Append(writer.EndMessage(finished));
    }

    private bool ReadRawKey(ReadOnlySpan<byte> leaf, NodeId expected)
    {
        if (!RawPublicKey.TryRead(leaf, out var id))
        {
            return Fail(
                AlertDescription.UnsupportedCertificate,
                $"the peer's certificate of {leaf.Length} bytes is no Ed25519 raw public key");
        }

        // certificate_unknown: the key is sound, but "some other issue" makes it unacceptable (§6.2). bad_certificate would
        // blame its form, unknown_ca a chain there is none of, and access_denied is about a valid identity without a right.
        if (!expected.IsDefault && id != expected)
        {
            return Fail(AlertDescription.CertificateUnknown, $"the peer is {id}, not {expected}");
        }

        Peer = new PeerRawKey(id);
        return true;
    }

    private bool ReadX509(ReadOnlySpan<byte> leaf, X509ForTests mode)
    {
        var certificate = leaf.ToArray();
        if (!mode.Accept(certificate))
        {
            return Fail(AlertDescription.CertificateUnknown, "the peer's certificate is not the expected one");
        }
        Peer = new PeerX509(certificate);
        return true;
    }
}
