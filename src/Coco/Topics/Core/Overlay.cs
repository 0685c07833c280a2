using Coco.Crypto;

namespace Coco.Topics.Core;

/// <summary>
/// One publisher's topic of many subscribers, as one of them passes it on: to some neighbours at once, to the others only that it is there
/// (after "Epidemic Broadcast Trees", Leitão, Pereira, Rodrigues 2007). Neighbours are those beside this node on three rings of all subscribers, so
/// everybody knows them without asking, and the graph hangs together when many fail at once.
/// </summary>
internal sealed class Overlay
{
    private readonly Queue<SignedBatch> _recent = new();
    private long _recentLength;

    /// <summary>Those beside this node, as of a version of the interests.</summary>
    public List<NodeId> Neighbours { get; } = [];

    public int Version { get; set; } = -1;

    /// <summary>Those of them that get the message from others, and are told only that it is here.</summary>
    public HashSet<NodeId> Lazy { get; } = [];

    /// <summary>What is to be told to those, and from which message on they have not been told.</summary>
    public ulong OfferFrom { get; set; }

    public bool HasOffer { get; set; }

    /// <summary>Who says to have what is missing here.</summary>
    public List<NodeId> Offered { get; } = [];

    /// <summary>The number behind the last message anybody has offered, and when it is asked for.</summary>
    public ulong OfferedNext { get; set; }

    public TimeSpan GraftAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>From whom acknowledged messages came, who is told who has them.</summary>
    public Dictionary<ulong, NodeId> Parents { get; } = [];

    /// <summary>The last messages, for those who missed them.</summary>
    public IEnumerable<SignedBatch> Recent => _recent;

    public void Remember(SignedBatch batch, int maxLength)
    {
        _recent.Enqueue(batch);
        _recentLength += batch.Bytes.Length;
        while (_recentLength > maxLength && _recent.TryDequeue(out var oldest)) { _recentLength -= oldest.Bytes.Length; }
    }
}
