using System.Security.Cryptography;
using Coco.Quic.Packets;

namespace Coco.Quic.Tls;

/// <summary>The server's parameters and proof, and our answer (RFC 8446 §4.3, §4.4).</summary>
internal sealed partial class ClientHandshake
{
    /// <summary>
    /// EncryptedExtensions (§4.3.1): <c>Extension extensions&lt;0..2^16-1&gt;</c>.
    /// </summary>
    private void HandleEncryptedExtensions(ReadOnlySpan<byte> message)
    {
        var reader = new TlsReader(BodyOf(message));
        if (!reader.TryReadVector16(0, out var bytes) || !reader.IsEmpty)
        {
            Fail(AlertDescription.DecodeError, "the server sent malformed EncryptedExtensions");
            return;
        }

        if (!ExtensionBlock.TryParse(bytes, out var extensions, out var alert))
        {
            Fail(alert, "the server's EncryptedExtensions are malformed or repeat one");
            return;
        }

        if (!CheckEncryptedExtensions(extensions) || !CheckCertificateTypes(extensions) ||
            !CheckApplicationProtocol(extensions) || !CheckTransportParameters(extensions))
        {
            return;
        }

        Transcript.Append(message);
        _state = ClientState.WaitCertificateOrRequest;
    }

    private bool CheckEncryptedExtensions(ExtensionBlock extensions)
    {
        foreach (var extension in extensions)
        {
            if (!Offered(extension.Type))
            {
                return Fail(
                    AlertDescription.UnsupportedExtension,
                    $"the server answers extension {(ushort)extension.Type}, which was not sent");
            }

            // §4.2, the table: of those we send, these belong to other messages.
            if (extension.Type is ExtensionType.SupportedVersions or ExtensionType.KeyShare or ExtensionType.SignatureAlgorithms)
            {
                return Fail(AlertDescription.IllegalParameter, $"the server's EncryptedExtensions have {extension.Type} in them");
            }
        }

        return true;
    }

    /// <summary>RFC 7250 §4.2: one type of those offered. Without the extension it is X.509.</summary>
    private bool CheckCertificateTypes(ExtensionBlock extensions)
    {
        if (Options.X509 is not null) { return true; }
        if (!extensions.TryFind(ExtensionType.ServerCertificateType, out var server))
        {
            return Fail(AlertDescription.UnsupportedCertificate, "the server has no raw public key");
        }

        var asksForRawKey = extensions.TryFind(ExtensionType.ClientCertificateType, out var client);
        if (server.Length != 1 || (asksForRawKey && client.Length != 1))
        {
            return Fail(AlertDescription.DecodeError, "the server's certificate type is malformed");
        }

        _clientRawKeyAgreed = asksForRawKey;
        const byte RawKey = (byte)CertificateType.RawPublicKey;
        return (server[0] == RawKey && (!asksForRawKey || client[0] == RawKey)) ||
               Fail(AlertDescription.IllegalParameter, "the server chose a certificate type that was not offered");
    }

    private bool CheckApplicationProtocol(ExtensionBlock extensions)
    {
        if (Options.ApplicationProtocols.Count == 0) { return true; }

        // RFC 9001 §8.1: with ALPN in use, no connection without a protocol.
        if (!extensions.TryFind(ExtensionType.ApplicationLayerProtocolNegotiation, out var data))
        {
            return Fail(AlertDescription.NoApplicationProtocol, "the server chose no application protocol");
        }

        if (!ApplicationProtocols.TrySelect(data, Options.ApplicationProtocols, out var selected))
        {
            return Fail(AlertDescription.DecodeError, "the server's application protocol is malformed");
        }

        // RFC 7301 §3.1: exactly one, of those offered.
        SelectedAlpn = selected;
        return (selected is not null && data.Length == 2 + 1 + selected.Length) ||
               Fail(
                   AlertDescription.IllegalParameter,
                   $"the server chose application protocol '{ApplicationProtocols.Describe(data)}'");
    }

    private bool CheckTransportParameters(ExtensionBlock extensions)
    {
        if (!Options.RequireTransportParameters) { return true; }
        if (!extensions.TryFind(ExtensionType.QuicTransportParameters, out var parameters))
        {
            // RFC 9001 §8.2.
            return Fail(AlertDescription.MissingExtension, "the server sent no quic_transport_parameters");
        }

        PeerParameters = parameters.ToArray();
        return true;
    }

    /// <summary>§4.3.2.</summary>
    private void HandleCertificateRequest(ReadOnlySpan<byte> message)
    {
        if (!CertificateRequest.TryRead(BodyOf(message), out var schemes, out var alert))
        {
            Fail(alert, "the server's CertificateRequest is malformed or not as RFC 8446 §4.3.2 has it");
            return;
        }

        if (!ChooseCertificate(schemes)) { return; }
        _clientCertificateRequested = true;
        Transcript.Append(message);
        _state = ClientState.WaitCertificate;
    }

    private bool ChooseCertificate(UInt16List schemes)
    {
        if (Options.X509 is not null)
        {
            foreach (var credential in Options.X509.Credentials)
            {
                if (!schemes.Contains(credential.Scheme)) { continue; }
                _certificate = credential;
                break;
            }

            return true;
        }

        // §4.4.2.3: without a key we answer with an empty list, and the server decides.
        if (identity is null) { return true; }
        if (!_clientRawKeyAgreed)
        {
            return Fail(
                AlertDescription.UnsupportedCertificate,
                "the server asks for a certificate, but not for a raw public key");
        }

        _certificate = new RawKeyCertificate(identity);
        return schemes.Contains(SignatureScheme.Ed25519) ||
               Fail(
                   AlertDescription.HandshakeFailure,
                   $"the server accepts signature schemes {schemes.ToString()}, not 0x0807 (ed25519)");
    }

    private void HandleCertificate(ReadOnlySpan<byte> message)
    {
        if (!ReadCertificate(message, expectedServer)) { return; }
        if (Peer is null)
        {
            // §4.4.2.4.
            Fail(AlertDescription.DecodeError, "the server sent no certificate");
            return;
        }

        _state = ClientState.WaitCertificateVerify;
    }

    private void HandleCertificateVerify(ReadOnlySpan<byte> message)
    {
        if (ReadCertificateVerify(message)) { _state = ClientState.WaitFinished; }
    }

    private void HandleFinished(ReadOnlySpan<byte> message)
    {
        if (!ReadFinished(message)) { return; }

        Span<byte> client = stackalloc byte[TlsProfile.HashLength];
        Span<byte> server = stackalloc byte[TlsProfile.HashLength];
        DeriveApplicationSecrets(client, server);

        using var writer = new TlsWriter();
        WriteAuthentication(writer, _certificate, sendCertificate: _clientCertificateRequested);
        Send(EncryptionLevel.Handshake, writer);
        InstallApplicationWriteSecret(client);
        InstallApplicationReadSecret(server);
        CryptographicOperations.ZeroMemory(client);
        CryptographicOperations.ZeroMemory(server);

        _state = ClientState.Connected;
        Complete(Peer!.Id);
    }

    /// <summary>
    /// NewSessionTicket (§4.6.1), which is checked and forgotten: nothing is ever resumed.
    /// <code>
    /// struct {
    ///     uint32 ticket_lifetime;
    ///     uint32 ticket_age_add;
    ///     opaque ticket_nonce&lt;0..255&gt;;
    ///     opaque ticket&lt;1..2^16-1&gt;;
    ///     Extension extensions&lt;0..2^16-2&gt;;
    /// } NewSessionTicket;
    /// </code>
    /// </summary>
    private void HandleNewSessionTicket(ReadOnlySpan<byte> message)
    {
        var reader = new TlsReader(BodyOf(message));
        if (!reader.TryReadUInt32(out _) || !reader.TryReadUInt32(out _) || !reader.TryReadVector8(0, out _) ||
            !reader.TryReadVector16(1, out _) || !reader.TryReadVector16(0, out var bytes) || !reader.IsEmpty)
        {
            Fail(AlertDescription.DecodeError, "the server sent a malformed NewSessionTicket");
            return;
        }

        if (!ExtensionBlock.TryParse(bytes, out var extensions, out var alert))
        {
            Fail(alert, "the extensions of the server's NewSessionTicket are malformed");
            return;
        }

        // RFC 9001 §4.6.1: in QUIC max_early_data_size is this value or absent.
        if (!extensions.TryFind(ExtensionType.EarlyData, out var data)) { return; }
        if (!data.SequenceEqual<byte>([0xff, 0xff, 0xff, 0xff]) && Options.RequireTransportParameters)
        {
            Fail(QuicErrorCode.ProtocolViolation, "the server's NewSessionTicket limits early data, which in QUIC it may not");
        }
    }
}
