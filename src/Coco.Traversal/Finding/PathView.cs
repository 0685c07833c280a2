using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>What is known of one path to a peer at one moment.</summary>
/// <param name="Address">The path.</param>
/// <param name="Class">What kind of way it is.</param>
/// <param name="State">How far it has come.</param>
/// <param name="ProbeRtt">Round-trip time of the best recent probe; null while none has been answered.</param>
/// <param name="IsStandby">Whether it is kept warm for the case that the path in use dies.</param>
public sealed record PathView(PathAddress Address, PathClass Class, PathState State, TimeSpan? ProbeRtt, bool IsStandby);
