namespace Coco.Cluster.Policies;

/// <summary>What one rule says to a question.</summary>
/// <param name="Rule">The rule, as it is written.</param>
/// <param name="Applies">Whether it has a say.</param>
/// <param name="Reason">What it says, or why it has none.</param>
public sealed record PolicyRemark(string Rule, bool Applies, string Reason)
{
    internal static PolicyRemark OfUnknown(string line) => line.StartsWith("allow ", StringComparison.Ordinal)
        ? new(line, false, "allows nothing before Coco is updated")
        : new(line, true, "forbids everything before Coco is updated");
}
