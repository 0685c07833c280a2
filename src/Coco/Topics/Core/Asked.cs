namespace Coco.Topics.Core;

/// <summary>A message that was heard and whose publisher waits: it is told when the message is where the subscriptions want it. One thread at a time, the exchange's.</summary>
/// <param name="link">The link it came on.</param>
/// <param name="stream">Which topic of which publisher.</param>
/// <param name="sequence">The message's number.</param>
/// <param name="number">The topic's number on the link; null where it came with a signature.</param>
internal sealed class Asked(TopicLink link, RemoteStream stream, ulong sequence, ulong? number)
{
    private int _open = 1; // whoever made it
    private bool _isRefused;

    public TopicLink Link => link;

    public RemoteStream Stream => stream;

    public ulong Epoch { get; } = stream.Epoch;

    public ulong Sequence => sequence;

    public ulong? Number => number;

    /// <summary>One more has to release it.</summary>
    public void Hold() => _open++;

    /// <summary>True for the last one, where all have the message.</summary>
    public bool Release() => --_open == 0 && !_isRefused;

    /// <summary>Somebody had no room: the publisher is not told.</summary>
    public void Refuse() => _isRefused = true;
}
