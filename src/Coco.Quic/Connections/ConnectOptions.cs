using Coco.Crypto;

namespace Coco.Quic.Connections;

/// <summary>Whom to expect at the other end of a path, and as whom to call.</summary>
/// <param name="Target">The peer's identity. A peer that cannot prove it gets no byte of the application's.</param>
/// <param name="Identity">Our own.</param>
public sealed record ConnectOptions(NodeId Target, IdentityKey? Identity)
{
    /// <summary>A token from an earlier connection to the peer (RFC 9000 §8.1.3); empty when there is none.</summary>
    public ReadOnlyMemory<byte> Token { get; init; }

    /// <summary>Application protocols (ALPN) to offer, where they differ from the endpoint's; empty for those.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>Options for this connection, where they differ from the endpoint's.</summary>
    public QuicOptions? Connection { get; init; }
}
