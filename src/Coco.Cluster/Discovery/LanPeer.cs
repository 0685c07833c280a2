namespace Coco.Cluster.Discovery;

/// <summary>A member heard on a link.</summary>
internal sealed record LanPeer(LanPresence Presence, string Instance, int InterfaceIndex, TimeSpan HeardAt, TimeSpan ExpiresAt);
