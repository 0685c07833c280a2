using Coco.Crypto;

namespace Coco.Messages;

/// <summary>What waits for one receiver, in order. Under the journal's lock.</summary>
internal sealed class Outbox(NodeId peer, int channel, ulong lineage)
{
    private readonly Ring<SentMessage> _messages = new();
    private int _next; // of the ring: the first that was not sent on the stream there is

    public NodeId Peer => peer;

    /// <summary>Its number in the log.</summary>
    public int Channel => channel;

    public ulong Lineage { get; set; } = lineage;

    /// <summary>Counts lineages.</summary>
    public ulong Generation { get; set; } = 1;

    /// <summary>The next message's.</summary>
    public ulong NextSequence { get; set; } = 1;

    /// <summary>All up to this one are acknowledged.</summary>
    public ulong Acknowledged { get; set; }

    public int Count => _messages.Count;

    public long UnacknowledgedBytes { get; private set; }

    public int UnacknowledgedCount => _next;

    /// <summary>When the first that expires does.</summary>
    public long NextExpiry { get; set; } = long.MaxValue;

    public bool IsClosed { get; set; }

    /// <summary>Who carries the messages, while somebody does.</summary>
    public Courier? Courier { get; set; }

    /// <summary>When one is to be sent again after a failure, and how many there were.</summary>
    public long RetryAt { get; set; }

    public int Failures { get; set; }

    /// <summary>What mailboxes have: up to which message, when they are asked again after they had no room, and how often in a row they had none.</summary>
    public Dictionary<NodeId, (ulong UpTo, long RetryAt, int Failures)> Deposited { get; } = [];

    public void Add(SentMessage message)
    {
        _messages.Add(message);
        if (message.ExpiresMs < NextExpiry) { NextExpiry = message.ExpiresMs; }
    }

    /// <summary>The next that was not sent.</summary>
    public SentMessage? PeekUnsent() => _next < _messages.Count ? _messages[_next] : null;

    public void MarkSent(SentMessage message)
    {
        _next++;
        UnacknowledgedBytes += message.Length;
    }

    /// <summary>A new stream: what was sent on the one before and not acknowledged is sent again.</summary>
    public void Rewind() => (_next, UnacknowledgedBytes) = (0, 0);

    public SentMessage? Oldest => _messages.Count == 0 ? null : _messages[0];

    public SentMessage TakeOldest()
    {
        var message = _messages.TakeFirst();
        if (_next > 0)
        {
            _next--;
            UnacknowledgedBytes -= message.Length;
        }
        return message;
    }

    /// <summary>Takes back those that came last, as far as their records are not on the disk.</summary>
    public void RemoveFrom(long number, ICollection<SentMessage> removed)
    {
        while (_messages.Count > _next && _messages[_messages.Count - 1].Number >= number) { removed.Add(_messages.TakeLast()); }
    }

    public IEnumerable<SentMessage> All()
    {
        for (var i = 0; i < _messages.Count; i++) { yield return _messages[i]; }
    }
}
