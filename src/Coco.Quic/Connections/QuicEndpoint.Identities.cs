using Coco.Crypto;

namespace Coco.Quic.Connections;

/// <summary>The identities that answer at an endpoint; they may come and go.</summary>
public sealed partial class QuicEndpoint
{
    // One list for all handshakes, those under way too: a key that has gone, and may have been wiped, signs nothing any more.
    private readonly List<IdentityKey> _identities;

    internal IReadOnlyList<IdentityKey> Identities => _identities;

    private bool AcceptsConnections => Options.AcceptConnections && (_identities.Count > 0 || _tls.X509 is not null);

    /// <summary>Callers of this identity are answered from now on.</summary>
    internal void AddIdentity(IdentityKey identity) => _identities.Add(identity);

    /// <summary>Callers of this identity hear nothing any more. What is connected stays so, and a handshake that was answered may still be
    /// completed.</summary>
    internal void RemoveIdentity(NodeId id) => _identities.RemoveAll(identity => identity.Id == id);
}
