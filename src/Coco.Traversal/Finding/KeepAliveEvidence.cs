namespace Coco.Traversal.Finding;

/// <summary>A path was silent for so long, and our own NAT's mapping for it was gone; for the owner's <see cref="KeepAliveLearner"/>.</summary>
internal readonly record struct KeepAliveEvidence(TimeSpan Silence, bool IsIpv4);
