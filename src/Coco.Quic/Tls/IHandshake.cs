using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Quic.Tls;

/// <summary>
/// What a QUIC connection needs of a handshake (RFC 9001 §4.1): crypto bytes in and out by level, secrets as they become usable,
/// the peer's transport parameters and identity. TLS 1.3 is the one implementation; another can stand in its place.
/// </summary>
internal interface IHandshake : IDisposable
{
    public bool IsClient { get; }

    public HandshakeState State { get; }

    /// <summary>Set when <see cref="State"/> is <see cref="HandshakeState.Failed"/>.</summary>
    public TlsFailure? Failure { get; }

    /// <summary>Empty until known: EncryptedExtensions for the client, ClientHello for the server (RFC 9001 §8.2).</summary>
    public ReadOnlySpan<byte> PeerTransportParameters { get; }

    /// <summary>The key the peer has proven to hold; default until it has.</summary>
    public NodeId PeerId { get; }

    public string? SelectedAlpn { get; }

    /// <summary>The server name the client sent.</summary>
    public string? ServerName { get; }

    /// <summary>Replaces what the constructor was given; too late once the message that carries it is written.</summary>
    public void SetLocalTransportParameters(ReadOnlySpan<byte> parameters);

    /// <summary>The client writes its ClientHello; the server waits for one.</summary>
    public void Start();

    /// <summary>
    /// Takes the CRYPTO stream of a level, in order and in whatever pieces it arrives. Ignored after a failure.
    /// </summary>
    public void HandleCrypto(EncryptionLevel level, ReadOnlySpan<byte> data);

    /// <summary>The next bytes for a CRYPTO stream; they stay as they are for as long as the caller keeps them.</summary>
    public bool TryTakeOutput(out EncryptionLevel level, out ReadOnlyMemory<byte> data);

    /// <summary>The next secret, in the order they become usable.</summary>
    public bool TryTakeSecrets(out TrafficSecrets secrets);

    /// <summary>Keying material bound to this connection (RFC 8446 §7.5); false before completion.</summary>
    public bool TryExport(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> destination);

    /// <summary>The exporter, for a connection that keeps only it and disposes the handshake; null before completion.</summary>
    public TlsExporter? DetachExporter();
}
