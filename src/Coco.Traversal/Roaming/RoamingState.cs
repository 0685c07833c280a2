namespace Coco.Traversal.Roaming;

/// <summary>Where a roaming connection is in its life.</summary>
internal enum RoamingState : byte
{
    /// <summary>No way to the peer has answered yet.</summary>
    Connecting,

    /// <summary>Open.</summary>
    Connected,

    /// <summary>Over, or about to be.</summary>
    Closed,
}
