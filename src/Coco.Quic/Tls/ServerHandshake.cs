using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Quic.Tls;

/// <summary>
/// The server's side of the handshake (RFC 8446 §2, Figure 1); the picture stands at <see cref="ClientHandshake"/>.
/// </summary>
/// <param name="options">What to insist on.</param>
/// <param name="random">Where ServerHello.random and the key share come from.</param>
/// <param name="identities">The keys this endpoint answers for; the client's server name token chooses.</param>
/// <param name="transportParameters">The quic_transport_parameters to send; can be set until the ClientHello is handled.</param>
internal sealed partial class ServerHandshake(
    TlsOptions options, RandomSource random, IReadOnlyList<IdentityKey> identities, ReadOnlySpan<byte> transportParameters)
    : TlsHandshake(options, random, transportParameters)
{
    private ServerState _state;
    private IdentityKey? _identity;
    private LocalCertificate? _certificate;
    private bool _namedByToken;
    private bool _asksForCertificate;

    /// <summary>
    /// Our 1-RTT read secret, derived with the others but not to be used before the client's Finished (RFC 9001 §5.7).
    /// </summary>
    private byte[]? _readSecret;

    /// <summary>The identity the client asked for; null until its ClientHello has named one.</summary>
    public IdentityKey? Identity => _identity;

    public override bool IsClient => false;

    /// <summary>
    /// Whoever does not know whom it talks to gets no answer at all, whatever else may be wrong with what it sent.
    /// </summary>
    protected override bool IsSilent => Options.RequireServerNameToken && Options.X509 is null && _identity is null;

    protected override bool Expects(HandshakeType type) => type switch
    {
        HandshakeType.ClientHello => _state is ServerState.Start or ServerState.Retried,
        HandshakeType.Certificate => _state is ServerState.WaitCertificate,
        HandshakeType.CertificateVerify => _state is ServerState.WaitCertificateVerify,
        HandshakeType.Finished => _state is ServerState.WaitFinished,
        _ => false,
    };

    protected override void HandleMessage(HandshakeType type, ReadOnlySpan<byte> message)
    {
        switch (type)
        {
            case HandshakeType.ClientHello: HandleClientHello(message); break;
            case HandshakeType.Certificate: HandleCertificate(message); break;
            case HandshakeType.CertificateVerify: HandleCertificateVerify(message); break;
            case HandshakeType.Finished: HandleFinished(message); break;
            default: break;
        }
    }

    protected override void Release()
    {
        base.Release();
        CryptographicOperations.ZeroMemory(_readSecret);
        _readSecret = null;
        _certificate = null;
    }

    private void HandleClientHello(ReadOnlySpan<byte> message)
    {
        if (!ClientHello.TryParse(BodyOf(message), out var hello, out var alert))
        {
            Fail(alert, "the client sent a ClientHello that is malformed or repeats an extension");
            return;
        }

        if (!Negotiate(hello, out var share)) { return; }
        Transcript.Append(message);
        if (share.IsEmpty)
        {
            SendHelloRetryRequest(hello.SessionId);
            return;
        }

        if (!TryAgreeWith(share, hello.SessionId)) { return; }
        SendEncryptedFlight();
    }

    private void HandleCertificate(ReadOnlySpan<byte> message)
    {
        if (!ReadCertificate(message, expected: default)) { return; }
        if (Peer is not null)
        {
            _state = ServerState.WaitCertificateVerify;
            return;
        }

        // §4.4.2.4.
        if (Options.ClientAuthentication is ClientAuthentication.Required)
        {
            Fail(AlertDescription.CertificateRequired, "the client did not authenticate");
            return;
        }

        _state = ServerState.WaitFinished;
    }

    private void HandleCertificateVerify(ReadOnlySpan<byte> message)
    {
        if (ReadCertificateVerify(message)) { _state = ServerState.WaitFinished; }
    }

    private void HandleFinished(ReadOnlySpan<byte> message)
    {
        if (!ReadFinished(message)) { return; }
        InstallApplicationReadSecret(_readSecret);
        _state = ServerState.Connected;
        Complete(Peer?.Id ?? default);
    }
}
