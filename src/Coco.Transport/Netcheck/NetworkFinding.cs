namespace Coco.Transport.Netcheck;

/// <summary>Something that follows from what was measured.</summary>
/// <param name="Code">What, for programs.</param>
/// <param name="IsGood">Whether it helps; else it is a hindrance or not known.</param>
/// <param name="Sentence">What, for people, as one sentence.</param>
public sealed record NetworkFinding(NetworkFindingCode Code, bool IsGood, string Sentence);
