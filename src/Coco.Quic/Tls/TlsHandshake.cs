using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Quic.Tls;

/// <summary>
/// What client and server have in common: messages cut out of CRYPTO streams, the transcript, the key schedule, and the queues
/// of what comes out. A handshake that is complete keeps only its exporter, the peer's identity and its transport parameters.
/// </summary>
internal abstract partial class TlsHandshake(TlsOptions options, RandomSource random, ReadOnlySpan<byte> localTransportParameters)
    : IHandshake
{
    private MessageBuffer _incoming;
    private bool _started;

    public abstract bool IsClient { get; }

    public HandshakeState State { get; private set; }

    public TlsFailure? Failure { get; private set; }

    public NodeId PeerId { get; private set; }

    public string? SelectedAlpn { get; protected set; }

    public string? ServerName { get; protected set; }

    public ReadOnlySpan<byte> PeerTransportParameters => PeerParameters;

    protected TlsOptions Options { get; } = options;

    protected RandomSource Random { get; } = random;

    protected byte[]? LocalParameters { get; private set; } = localTransportParameters.ToArray();

    protected byte[]? PeerParameters { get; set; }

    /// <summary>The level whose CRYPTO stream is being read; it moves when the read keys do.</summary>
    protected EncryptionLevel ReadLevel { get; private set; }

    /// <summary>No answer may be sent, not even an alert.</summary>
    protected virtual bool IsSilent => false;

    protected CertificateType CertificateType => Options.X509 is null ? CertificateType.RawPublicKey : CertificateType.X509;

    public void SetLocalTransportParameters(ReadOnlySpan<byte> parameters) => LocalParameters = parameters.ToArray();

    public void Start()
    {
        if (_started) { throw new InvalidOperationException("The handshake has been started already."); }
        _started = true;
        OnStart();
    }

    public void HandleCrypto(EncryptionLevel level, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && State is not HandshakeState.Failed)
        {
            if (level != ReadLevel)
            {
                FailLevel(level);
                break;
            }

            if (!_incoming.TryPeekHeader(ref data, out var type, out var length) || !CheckHeader(type, length)) { break; }
            if (!_incoming.TryTake(ref data, length, out var message)) { break; }
            HandleMessage(type, message);
            _incoming.ReleaseIfEmpty();
        }

        if (State is HandshakeState.Failed) { Release(); }
    }

    public void Dispose()
    {
        Release();
        _exporter?.Dispose();
        _exporter = null;
        _secrets?.AsSpan().Clear();
        _secrets = null;
        _output = null;
        if (State is HandshakeState.InProgress)
        {
            Fail(QuicErrorCode.InternalError, "the handshake was disposed before it completed");
        }
    }

    protected virtual void OnStart()
    {
    }

    /// <summary>Whether a message of this type may come now (RFC 8446 §4: "in the order defined").</summary>
    protected abstract bool Expects(HandshakeType type);

    /// <summary>Handles a message that was expected; the header is part of it, for the transcript.</summary>
    protected abstract void HandleMessage(HandshakeType type, ReadOnlySpan<byte> message);

    protected static ReadOnlySpan<byte> BodyOf(ReadOnlySpan<byte> message) => message[MessageBuffer.HeaderLength..];

    /// <summary>Our Finished is sent and the peer's verified; the keys of the handshake itself are of no more use.</summary>
    protected void Complete(NodeId peer)
    {
        PeerId = peer;
        State = HandshakeState.Complete;
        Release();
    }

    /// <summary>Fails with an alert. False, so that a check can return it.</summary>
    protected bool Fail(AlertDescription alert, string reason) => Fail(QuicErrorCode.CryptoError + (ulong)alert, reason);

    protected bool Fail(QuicErrorCode code, string reason)
    {
        Failure = new(code, reason, IsSilent);
        State = HandshakeState.Failed;
        return false;
    }

    /// <summary>What must not outlive the handshake.</summary>
    protected virtual void Release()
    {
        _incoming.Release();
        _transcript?.Dispose();
        _transcript = null;
        _keys?.Dispose();
        _keys = null;
        _ephemeral?.Dispose();
        _ephemeral = null;
        CryptographicOperations.ZeroMemory(_finishedSecrets);
        _finishedSecrets = null;
        _clientRandom = null;
        LocalParameters = null;
    }

    private bool CheckHeader(HandshakeType type, int length)
    {
        if (!Expects(type))
        {
            // RFC 9001 §6: so is KeyUpdate at any time, and after the handshake all but NewSessionTicket is (RFC 8446 §4.6.2:
            // post-handshake authentication was not offered).
            return Fail(AlertDescription.UnexpectedMessage, $"the peer sent {Describe(type)}, which may not come now");
        }

        return length <= Options.MaxMessageSize ||
               Fail(
                   QuicErrorCode.CryptoBufferExceeded,
                   $"the peer sent a {Describe(type)} of {length} bytes; {Options.MaxMessageSize} are allowed");
    }

    private void FailLevel(EncryptionLevel level)
    {
        // RFC 9001 §4.1.3: data past what completed an earlier level, or left over when keys change, is a PROTOCOL_VIOLATION.
        // It is what RFC 8446 §5.1 says of messages that span key changes, in QUIC's terms.
        if (level < ReadLevel)
        {
            Fail(
                QuicErrorCode.ProtocolViolation,
                $"the peer sent more {level} crypto data after the {ReadLevel} keys came into use");
        }
        else
        {
            Fail(
                AlertDescription.UnexpectedMessage,
                $"the peer sent {level} crypto data while {ReadLevel} messages were expected");
        }
    }

    private static string Describe(HandshakeType type) =>
        Enum.IsDefined(type) ? type.ToString() : string.Create(null, $"a handshake message of type {(byte)type}");
}
