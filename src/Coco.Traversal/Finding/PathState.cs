namespace Coco.Traversal.Finding;

/// <summary>How far a path to a peer has come.</summary>
public enum PathState : byte
{
    /// <summary>Probes go out; none has been answered yet.</summary>
    Probing,

    /// <summary>It reaches the peer: a probe made a round trip, or a relay has opened a session.</summary>
    Available,

    /// <summary>The connection has validated it with packets of full size and may move there.</summary>
    Validated,

    /// <summary>The connection sends here.</summary>
    Activated,

    /// <summary>The connection could not validate it, or found it dead.</summary>
    Failed,

    /// <summary>Its link, socket or relay session is gone.</summary>
    Lost,
}
