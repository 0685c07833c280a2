namespace Coco.Cluster.Policies;

/// <summary>Whether something is allowed, and the line that decided; null when none did.</summary>
public sealed record PolicyDecision(PolicyOutcome Outcome, string? Rule)
{
    /// <summary>Whether it is.</summary>
    public bool IsAllowed => Outcome is PolicyOutcome.Allowed or PolicyOutcome.IsOwner;

    /// <summary>The decision in a sentence.</summary>
    public string Explain() => Outcome switch
    {
        PolicyOutcome.IsOwner => "allowed: the owner may use everything",
        PolicyOutcome.Allowed => $"allowed by: {Rule}",
        PolicyOutcome.Denied => $"denied by: {Rule}",
        PolicyOutcome.NotUnderstood => $"denied: a later version of Coco is needed to understand: {Rule}",
        _ => "denied: no rule allows it",
    };
}
