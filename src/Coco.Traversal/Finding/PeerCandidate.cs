namespace Coco.Traversal.Finding;

/// <summary>An address at which the peer says it may be reached: a hint, nothing more.</summary>
internal readonly record struct PeerCandidate(CandidateKind Kind, NetworkAddress Address);
