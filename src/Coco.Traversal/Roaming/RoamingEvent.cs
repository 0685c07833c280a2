namespace Coco.Traversal.Roaming;

/// <summary>Something that has happened to a roaming connection.</summary>
/// <param name="Kind">What.</param>
/// <param name="Value">The tag of a datagram; otherwise 0.</param>
internal readonly record struct RoamingEvent(RoamingEventKind Kind, ulong Value = 0);
