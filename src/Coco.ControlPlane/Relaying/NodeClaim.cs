namespace Coco.ControlPlane.Relaying;

/// <summary>That a network has a node in its books.</summary>
/// <param name="Network">Which network.</param>
/// <param name="Proof">Whether the node's own key agreed.</param>
internal sealed record NodeClaim(string Network, NodeProof Proof)
{
    /// <summary>Whether it is this network, and the node has come itself: nothing is left to show.</summary>
    public bool IsShownBy(string network) => Network == network && Proof is NodeProof.Connection;
}
