namespace Coco.ControlPlane.Relaying;

/// <summary>How it is known that a node's own key agrees to be a network's. A certificate does not say: the network's people sign it, and the user that it names.</summary>
internal enum NodeProof : long
{
    /// <summary>It is not.</summary>
    None = 0,

    /// <summary>The node signed once that it wants to be in the network: what it exported to be admitted, which has no date.</summary>
    Information = 1,

    /// <summary>The node came itself, on a connection that its key has proved, and showed the network's certificate.</summary>
    Connection = 2,
}
