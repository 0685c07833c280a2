namespace Coco;

/// <summary>Who is linked with whom, as far as this node may see, at one moment.</summary>
/// <param name="Nodes">The nodes, this one first.</param>
/// <param name="Links">What each says of its links; one is used when both its ends say so.</param>
public sealed record NodeGraph(IReadOnlyList<GraphMember> Nodes, IReadOnlyList<GraphLink> Links);
