using Coco.Crypto;

namespace Coco.Media;

/// <summary>Who sends a stream to a newcomer: this node, as long as it has copies left, or one of those that have agreed to pass it on.</summary>
internal abstract record Placement
{
    private Placement()
    {
    }

    /// <summary>This node does.</summary>
    public sealed record Here : Placement;

    /// <summary>This node does, and one of those it sends to gets it from the newcomer, which has agreed to pass it on.</summary>
    public sealed record InPlaceOf(NodeId Moved) : Placement;

    /// <summary>One of these does, the first most likely.</summary>
    public sealed record Elsewhere(IReadOnlyList<NodeId> Nodes) : Placement;

    /// <summary>Nobody can.</summary>
    public sealed record Nowhere : Placement;

    /// <summary>Decides.</summary>
    /// <param name="maxCopies">How many this node sends.</param>
    /// <param name="newcomer">Who asks.</param>
    /// <param name="copies">How many the newcomer would send on.</param>
    /// <param name="avoided">Whom the newcomer cannot use.</param>
    /// <param name="present">To whom this node sends, the oldest first.</param>
    public static Placement Decide(int maxCopies, NodeId newcomer, int copies, IReadOnlyList<NodeId> avoided, IReadOnlyList<PlacedSubscriber> present)
    {
        if (present.Count < maxCopies) { return new Here(); }
        if (copies > 0 && present.FirstOrDefault(static one => !one.IsWilling) is { } moved && moved.Node != newcomer) { return new InPlaceOf(moved.Node); }
        var willing = present.Where(one => one.FreeCopies > 0 && one.Node != newcomer && !avoided.Contains(one.Node))
            .OrderByDescending(static one => one.FreeCopies).Take(MediaText.MaxNodes).Select(static one => one.Node).ToArray();
        return willing.Length > 0 ? new Elsewhere(willing) : new Nowhere();
    }
}
