namespace Coco.Traversal.Finding;

/// <summary>The answer to "why this path?": a reason for programs, the facts it follows from, and a sentence for people.</summary>
/// <param name="Code">The reason.</param>
/// <param name="Sentence">One sentence for people.</param>
/// <param name="Evidence">What was observed, one fact each.</param>
public sealed record Verdict(VerdictCode Code, string Sentence, IReadOnlyList<string> Evidence)
{
    /// <inheritdoc/>
    public bool Equals(Verdict? other) =>
        other is not null && Code == other.Code && Sentence == other.Sentence && Evidence.SequenceEqual(other.Evidence, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Code, Sentence, Evidence.Count);

    /// <inheritdoc/>
    public override string ToString() => $"{Code}: {Sentence}";
}
