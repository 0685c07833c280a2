using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Quic.Tls;

/// <summary>
/// The client's side of the handshake (RFC 8446 §2, Figure 1).
/// <code>
/// Initial    ClientHello              -------->
///                                     &lt;--------  ServerHello            Initial
///                                                EncryptedExtensions    Handshake
///                                                CertificateRequest
///                                                Certificate
///                                                CertificateVerify
///                                     &lt;--------  Finished
/// Handshake  Certificate
///            CertificateVerify
///            Finished                 -------->
/// </code>
/// </summary>
/// <param name="options">What to insist on.</param>
/// <param name="random">Where ClientHello.random and the key share come from.</param>
/// <param name="identity">The key to authenticate with when the server asks; null to go without.</param>
/// <param name="expectedServer">The only key a server may have; default takes any, and then no server name token is sent.</param>
/// <param name="transportParameters">The quic_transport_parameters to send.</param>
internal sealed partial class ClientHandshake(
    TlsOptions options, RandomSource random, IdentityKey? identity, NodeId expectedServer, ReadOnlySpan<byte> transportParameters)
    : TlsHandshake(options, random, transportParameters)
{
    private ClientState _state;
    private bool _retried;
    private bool _clientCertificateRequested;
    private bool _clientRawKeyAgreed;
    private LocalCertificate? _certificate;

    public override bool IsClient => true;

    protected override void OnStart()
    {
        if (Options.RequireTransportParameters && LocalParameters is not { Length: > 0 })
        {
            throw new InvalidOperationException("The transport parameters must be set before the handshake starts.");
        }

        Span<byte> clientRandom = stackalloc byte[TlsProfile.RandomLength];
        Random.Fill(clientRandom);
        SetClientRandom(clientRandom);
        ServerName = ChooseServerName();
        SendClientHello(cookie: []);
        _state = ClientState.WaitServerHello;
    }

    protected override bool Expects(HandshakeType type) => type switch
    {
        HandshakeType.ServerHello => _state is ClientState.WaitServerHello,
        HandshakeType.EncryptedExtensions => _state is ClientState.WaitEncryptedExtensions,
        HandshakeType.CertificateRequest => _state is ClientState.WaitCertificateOrRequest,
        HandshakeType.Certificate => _state is ClientState.WaitCertificateOrRequest or ClientState.WaitCertificate,
        HandshakeType.CertificateVerify => _state is ClientState.WaitCertificateVerify,
        HandshakeType.Finished => _state is ClientState.WaitFinished,
        HandshakeType.NewSessionTicket => _state is ClientState.Connected,
        _ => false,
    };

    protected override void HandleMessage(HandshakeType type, ReadOnlySpan<byte> message)
    {
        switch (type)
        {
            case HandshakeType.ServerHello: HandleServerHello(message); break;
            case HandshakeType.EncryptedExtensions: HandleEncryptedExtensions(message); break;
            case HandshakeType.CertificateRequest: HandleCertificateRequest(message); break;
            case HandshakeType.Certificate: HandleCertificate(message); break;
            case HandshakeType.CertificateVerify: HandleCertificateVerify(message); break;
            case HandshakeType.Finished: HandleFinished(message); break;
            case HandshakeType.NewSessionTicket: HandleNewSessionTicket(message); break;
            default: break;
        }
    }

    protected override void Release()
    {
        base.Release();
        _certificate = null;
    }

    private string? ChooseServerName()
    {
        if (Options.X509 is not null) { return Options.X509.ServerName; }
        return expectedServer.IsDefault ? null : ServerNameToken.Create(expectedServer, ClientRandom);
    }

    /// <summary>§4.1.2. A second one differs from the first in the cookie alone.</summary>
    private void SendClientHello(ReadOnlySpan<byte> cookie)
    {
        using var writer = new TlsWriter();
        var message = writer.BeginMessage(HandshakeType.ClientHello);
        writer.WriteUInt16(TlsProfile.LegacyVersion);
        writer.Write(ClientRandom);
        writer.WriteByte(0); // legacy_session_id: RFC 9001 §8.4 has no compatibility mode
        writer.WriteUInt16(sizeof(ushort));
        writer.WriteUInt16(TlsProfile.CipherSuite);
        writer.WriteByte(1);
        writer.WriteByte(0);
        var extensions = writer.BeginVector(2);
        WriteClientHelloExtensions(writer, cookie);
        writer.EndVector(extensions, 2);
        Transcript.Append(writer.EndMessage(message));
        Send(EncryptionLevel.Initial, writer);
    }

    private void WriteClientHelloExtensions(TlsWriter writer, ReadOnlySpan<byte> cookie)
    {
        if (ServerName is not null) { Tls.ServerName.Write(writer, ServerName); }

        var versions = writer.BeginExtension(ExtensionType.SupportedVersions);
        writer.WriteByte(sizeof(ushort));
        writer.WriteUInt16(TlsProfile.Version);
        writer.EndExtension(versions);

        var groups = writer.BeginExtension(ExtensionType.SupportedGroups);
        writer.WriteUInt16(sizeof(ushort));
        writer.WriteUInt16(TlsProfile.Group);
        writer.EndExtension(groups);

        SignatureAlgorithms.Write(writer, SignatureAlgorithms.Accepted(Options));

        var keyShare = writer.BeginExtension(ExtensionType.KeyShare);
        var shares = writer.BeginVector(2);
        Span<byte> share = stackalloc byte[TlsProfile.KeyShareLength];
        CopyPublicKeyTo(share);
        KeyShare.WriteEntry(writer, share);
        writer.EndVector(shares, 2);
        writer.EndExtension(keyShare);

        if (Options.X509 is null)
        {
            CertificateTypes.WriteOffer(writer, ExtensionType.ServerCertificateType);
            if (identity is not null) { CertificateTypes.WriteOffer(writer, ExtensionType.ClientCertificateType); }
        }

        if (Options.ApplicationProtocols.Count > 0) { ApplicationProtocols.Write(writer, Options.ApplicationProtocols); }
        if (!cookie.IsEmpty) { Cookie.Write(writer, cookie); }
        if (Options.RequireTransportParameters)
        {
            var parameters = writer.BeginExtension(ExtensionType.QuicTransportParameters);
            writer.Write(LocalParameters);
            writer.EndExtension(parameters);
        }
    }

    /// <summary>Which extensions we sent: an answer to any other is unsupported_extension (§4.2).</summary>
    private bool Offered(ExtensionType type) => type switch
    {
        ExtensionType.SupportedVersions or ExtensionType.SupportedGroups or ExtensionType.SignatureAlgorithms => true,
        ExtensionType.KeyShare => true,
        ExtensionType.ServerName => ServerName is not null,
        ExtensionType.ServerCertificateType => Options.X509 is null,
        ExtensionType.ClientCertificateType => Options.X509 is null && identity is not null,
        ExtensionType.ApplicationLayerProtocolNegotiation => Options.ApplicationProtocols.Count > 0,
        ExtensionType.QuicTransportParameters => Options.RequireTransportParameters,
        _ => false,
    };
}
