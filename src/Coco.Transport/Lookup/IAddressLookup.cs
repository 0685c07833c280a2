using Coco.Crypto;
using Coco.Traversal.Records;

namespace Coco.Transport.Lookup;

/// <summary>Where address records are published and found: relays, peers in common, a directory of the app's own.</summary>
/// <remarks>What a lookup answers is a hint. A record proves who said it, not that it still holds, and the handshake proves who answers.</remarks>
public interface IAddressLookup
{
    /// <summary>The newest record of a node that is known here, expired or not; null when there is none.</summary>
    public ValueTask<AddressRecord?> FindAsync(NodeId id, CancellationToken cancellationToken = default);

    /// <summary>Makes a record known, unless a newer one of the same node is.</summary>
    public ValueTask PublishAsync(AddressRecord record, CancellationToken cancellationToken = default);
}
