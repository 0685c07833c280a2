using Coco.Crypto;

namespace Coco.Mqtt.Sessions;

/// <summary>A message of a group that another edge was to give to a member of its, and has not said it has.</summary>
internal sealed class ShareOfOther(ShareGroup group, Message message, NodeId edge, TimeSpan until)
{
    public ShareGroup Group => group;

    public Message Message => message;

    public NodeId Edge { get; set; } = edge;

    /// <summary>When another one is chosen, as that one says nothing.</summary>
    public TimeSpan Until { get; set; } = until;

    /// <summary>Edges that went, or said nothing.</summary>
    public HashSet<NodeId> Tried { get; } = [];
}
