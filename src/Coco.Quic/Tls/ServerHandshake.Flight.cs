using System.Security.Cryptography;
using Coco.Quic.Packets;

namespace Coco.Quic.Tls;

/// <summary>What the server sends (RFC 8446 §4.1.3, §4.1.4, §4.3, §4.4).</summary>
internal sealed partial class ServerHandshake
{
    private void SendHelloRetryRequest(ReadOnlySpan<byte> sessionId)
    {
        Transcript.ReplaceWithMessageHash();
        using var writer = new TlsWriter();
        var message = writer.BeginMessage(HandshakeType.ServerHello);
        var extensions = ServerHello.BeginExtensions(writer, TlsProfile.HelloRetryRequestRandom, sessionId);
        WriteSelectedVersion(writer);
        var keyShare = writer.BeginExtension(ExtensionType.KeyShare);
        writer.WriteUInt16(TlsProfile.Group);
        writer.EndExtension(keyShare);
        writer.EndVector(extensions, 2);
        Transcript.Append(writer.EndMessage(message));
        Send(EncryptionLevel.Initial, writer);
        _state = ServerState.Retried;
    }

    /// <summary>Agrees on the secret, sends ServerHello and installs the handshake secrets.</summary>
    private bool TryAgreeWith(ReadOnlySpan<byte> clientShare, ReadOnlySpan<byte> sessionId)
    {
        Span<byte> share = stackalloc byte[TlsProfile.KeyShareLength];
        CopyPublicKeyTo(share);
        if (!TryAgree(clientShare))
        {
            return Fail(AlertDescription.IllegalParameter, "the client's x25519 share gives an all-zero secret");
        }

        Span<byte> serverRandom = stackalloc byte[TlsProfile.RandomLength];
        Random.Fill(serverRandom);
        using var writer = new TlsWriter();
        var message = writer.BeginMessage(HandshakeType.ServerHello);
        var extensions = ServerHello.BeginExtensions(writer, serverRandom, sessionId);
        WriteSelectedVersion(writer);
        var keyShare = writer.BeginExtension(ExtensionType.KeyShare);
        KeyShare.WriteEntry(writer, share);
        writer.EndExtension(keyShare);
        writer.EndVector(extensions, 2);
        Transcript.Append(writer.EndMessage(message));
        Send(EncryptionLevel.Initial, writer);
        InstallHandshakeSecrets();
        return true;
    }

    /// <summary>EncryptedExtensions to Finished, after which our 1-RTT packets may follow at once.</summary>
    private void SendEncryptedFlight()
    {
        using var writer = new TlsWriter();
        WriteEncryptedExtensions(writer);
        if (_asksForCertificate) { Transcript.Append(CertificateRequest.Write(writer, SignatureAlgorithms.Accepted(Options))); }
        WriteAuthentication(writer, _certificate, sendCertificate: true);
        Send(EncryptionLevel.Handshake, writer);

        Span<byte> server = stackalloc byte[TlsProfile.HashLength];
        _readSecret = new byte[TlsProfile.HashLength];
        DeriveApplicationSecrets(client: _readSecret, server);
        InstallApplicationWriteSecret(server);
        CryptographicOperations.ZeroMemory(server);
        _state = _asksForCertificate ? ServerState.WaitCertificate : ServerState.WaitFinished;
    }

    private void WriteEncryptedExtensions(TlsWriter writer)
    {
        if (Options.RequireTransportParameters && LocalParameters is not { Length: > 0 })
        {
            throw new InvalidOperationException("The transport parameters must be set before the ClientHello is handled.");
        }

        var message = writer.BeginMessage(HandshakeType.EncryptedExtensions);
        var extensions = writer.BeginVector(2);
        if (_namedByToken) { WriteEmptyServerName(writer); }
        if (Options.X509 is null)
        {
            CertificateTypes.WriteChoice(writer, ExtensionType.ServerCertificateType);
            if (_asksForCertificate) { CertificateTypes.WriteChoice(writer, ExtensionType.ClientCertificateType); }
        }

        if (SelectedAlpn is not null) { ApplicationProtocols.Write(writer, SelectedAlpn); }
        if (Options.RequireTransportParameters)
        {
            var parameters = writer.BeginExtension(ExtensionType.QuicTransportParameters);
            writer.Write(LocalParameters);
            writer.EndExtension(parameters);
        }

        writer.EndVector(extensions, 2);
        Transcript.Append(writer.EndMessage(message));
    }

    /// <summary>RFC 6066 §3: a server that used the name says so with an empty extension.</summary>
    private static void WriteEmptyServerName(TlsWriter writer) =>
        writer.EndExtension(writer.BeginExtension(ExtensionType.ServerName));

    private static void WriteSelectedVersion(TlsWriter writer)
    {
        var version = writer.BeginExtension(ExtensionType.SupportedVersions);
        writer.WriteUInt16(TlsProfile.Version);
        writer.EndExtension(version);
    }
}
