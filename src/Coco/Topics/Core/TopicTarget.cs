namespace Coco.Topics.Core;

/// <summary>A subscriber of one of our topics that gets it from us.</summary>
/// <param name="stream">The topic.</param>
/// <param name="peer">The subscriber.</param>
/// <param name="from">The number of the first message that is for it.</param>
internal sealed class TopicTarget(OwnStream stream, TopicPeer peer, ulong from)
{
    public OwnStream Stream { get; } = stream;

    public TopicPeer Peer { get; } = peer;

    public ulong From { get; set; } = from;

    /// <summary>Where it stands; null while there is no link.</summary>
    public OutBinding? Binding { get; set; }
}
