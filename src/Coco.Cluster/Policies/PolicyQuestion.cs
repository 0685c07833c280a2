namespace Coco.Cluster.Policies;

/// <summary>What the receiver decides: may <paramref name="From"/> use the service or topic <paramref name="Name"/> at <paramref name="To"/>?</summary>
/// <param name="Kind">What for.</param>
/// <param name="Name">The service's name, or the topic.</param>
/// <param name="From">Who asks.</param>
/// <param name="To">Who decides.</param>
public sealed record PolicyQuestion(PolicyKind Kind, string Name, PolicyParty From, PolicyParty To);
