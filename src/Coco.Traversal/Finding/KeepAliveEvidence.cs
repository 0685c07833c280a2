namespace Coco.Traversal.Finding;

/// <summary>What a probe after a silence showed of our own NAT's mapping; for the owner's <see cref="KeepAliveLearner"/>.</summary>
internal readonly record struct KeepAliveEvidence(TimeSpan Silence, bool HasSurvived);
