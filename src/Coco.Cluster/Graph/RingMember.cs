namespace Coco.Cluster.Graph;

/// <summary>One candidate for links.</summary>
/// <param name="Slot">Its index in the graph.</param>
/// <param name="Tag">Where it stands on the rings.</param>
/// <param name="Rings">On how many rings it looks for neighbours itself.</param>
/// <param name="Forwards">Whether ways may lead over it.</param>
/// <param name="HardNat">Whether it cannot reach others that have this too.</param>
/// <param name="Avoided">Whether we tried in vain a moment ago.</param>
internal readonly record struct RingMember(int Slot, NodeTag Tag, int Rings, bool Forwards, bool HardNat, bool Avoided);
