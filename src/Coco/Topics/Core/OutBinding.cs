namespace Coco.Topics.Core;

/// <summary>One of our topics on a link, and how far the peer has been sent it.</summary>
internal sealed class OutBinding(TopicTarget target, TopicLink link, int number)
{
    public TopicTarget Target { get; } = target;

    public OwnStream Stream => Target.Stream;

    public TopicLink Link { get; } = link;

    public int Number { get; } = number;

    /// <summary>The number of the next message to be sent, and where it stands in the topic's ring.</summary>
    public ulong Next { get; set; }

    public long Offset { get; set; }

    /// <summary>Whether more is to be sent than has been.</summary>
    public bool IsBehind { get; set; }

    public bool IsGone { get; set; }
}
