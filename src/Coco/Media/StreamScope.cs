using Coco.Cluster;
using Coco.Crypto;

namespace Coco.Media;

/// <summary>Which stream something belongs to.</summary>
/// <param name="Network">The network.</param>
/// <param name="Producer">Who published it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Epoch">Drawn when it was published, so that nothing of one of that name counts in another.</param>
internal sealed record StreamScope(NetworkId Network, NodeId Producer, string Name, ulong Epoch);
