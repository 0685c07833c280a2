using Coco.Crypto;

namespace Coco.Traversal.Relays;

/// <summary>A request that waits for its answer.</summary>
internal readonly record struct RelayRequest(NodeId Target, bool IsOpen, TimeSpan Deadline);
