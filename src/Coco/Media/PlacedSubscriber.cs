using Coco.Crypto;

namespace Coco.Media;

/// <summary>One to whom a node sends a stream.</summary>
/// <param name="Node">Who.</param>
/// <param name="IsWilling">Whether it has agreed to pass the stream on.</param>
/// <param name="FreeCopies">How many more it, and those behind it, could send.</param>
internal sealed record PlacedSubscriber(NodeId Node, bool IsWilling, int FreeCopies);
