using Coco.Crypto;

namespace Coco.Traversal.Hops;

/// <summary>One link of a session: the half that a node has with one of its neighbours.</summary>
/// <param name="number">Under which we receive.</param>
/// <param name="neighbour">From whom.</param>
/// <param name="far">The node at the end of the way in that direction.</param>
/// <param name="isOpener">Whether we asked for it.</param>
internal sealed class HopLeg(ulong number, HopNeighbour neighbour, NodeId far, bool isOpener)
{
    public ulong Number { get; } = number;

    /// <summary>Under which the neighbour receives; 0 before it has said so.</summary>
    public ulong OtherNumber { get; set; }

    public HopNeighbour Neighbour { get; } = neighbour;

    public NodeId Far { get; } = far;

    public bool IsOpener { get; } = isOpener;

    /// <summary>The half with the other neighbour; null where the session ends here.</summary>
    public HopLeg? Other { get; set; }

    public bool IsOpen { get; set; }

    /// <summary>Whether the last batch came from where the neighbour is.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>When data last came, to a second.</summary>
    public TimeSpan LastUse { get; set; }

    /// <summary>Where it stands in the neighbour's list.</summary>
    public int Index { get; set; }
}
