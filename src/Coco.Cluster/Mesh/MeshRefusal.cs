namespace Coco.Cluster.Mesh;

/// <summary>Why something a peer sent was not taken.</summary>
internal enum MeshRefusal
{
    None,

    /// <summary>The bytes are no frame, or no advertisement.</summary>
    Malformed,

    /// <summary>The node it names did not sign it.</summary>
    BadSignature,

    /// <summary>We know a newer one.</summary>
    Stale,

    /// <summary>It is of a scope that this peer, or the node it names, has no part in.</summary>
    OutOfScope,

    /// <summary>The node has no valid certificate, and there is no room to wait for one.</summary>
    NotMember,

    /// <summary>The node speaks more often than anybody needs to.</summary>
    TooOften,

    /// <summary>The peer sends or asks for more than its share.</summary>
    TooMuch,

    /// <summary>All slots are taken, or another node has the same tag.</summary>
    NoRoom,

    /// <summary>The node could not be reached for longer than it wants to be remembered.</summary>
    Expired,
}
