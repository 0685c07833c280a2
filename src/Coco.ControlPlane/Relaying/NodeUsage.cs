namespace Coco.ControlPlane.Relaying;

/// <summary>What one node used in one month; <paramref name="Node"/> is empty for those that could not be told apart.</summary>
internal sealed record NodeUsage(string Node, long Relayed, long Control);
