using Coco.Crypto;

namespace Coco.Traversal.Hops;

/// <summary>Knows the mesh of which our nodes are members. Asked on the endpoint's own thread: answer at once, from what is known.</summary>
public interface IHopRouter
{
    /// <summary>The neighbour to whom a session goes next.</summary>
    /// <param name="request">The session.</param>
    /// <param name="avoid">Neighbours that cannot be had or have just failed: none of them.</param>
    /// <param name="next">The neighbour, or the target itself.</param>
    /// <param name="nextAim">Whom that neighbour routes to.</param>
    public bool TryNextHop(in HopRequest request, ReadOnlySpan<NodeId> avoid, out NodeId next, out NodeId nextAim);

    /// <summary>Whether a node of ours passes on a neighbour's session: whether it forwards at all, and whether origin and target are of a
    /// network in which it does.</summary>
    /// <param name="request">The session.</param>
    public bool MayForward(in HopRequest request);
}
