using System.Buffers;
using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>A connected member, and what is to be sent to it.</summary>
internal sealed class MeshPeer(NodeId id, int slot, TimeSpan rtt, TimeSpan patience, TimeSpan now)
{
    public NodeId Id { get; } = id;

    public NodeTag Tag { get; } = NodeTag.Of(id);

    public int Slot { get; } = slot;

    public ushort Cost => Length.Told;

    public LinkCost Length { get; } = new(rtt, now);

    /// <summary>What both of us want more or less: kept for being near, or in place of one that could not be reached.</summary>
    public LinkFlags Flags { get; set; }

    /// <summary>Since when neither end wants the link; null while one does.</summary>
    public TimeSpan? UnwantedSince { get; set; }

    /// <summary>The scopes it says it takes part in.</summary>
    public IReadOnlyList<ScopeId> Declared { get; set; } = [];

    /// <summary>The scopes we both take part in, by index.</summary>
    public List<byte> Shared { get; } = new(2);

    /// <summary>What it may not have heard yet: slot and scope.</summary>
    public List<(int Slot, byte Scope)> News { get; } = [];

    public int Strikes { get; set; }

    /// <summary>Scopes to compare with it, because of something that nobody sent.</summary>
    public HashSet<byte> ToCompare { get; } = [];

    /// <summary>Not before is it compared with for that.</summary>
    public TimeSpan CompareFrom { get; private set; }

    /// <summary>How long its answers take: the slowest of late, a little less with every quicker one.</summary>
    public TimeSpan AnswerTime { get; private set; }

    /// <summary>How long it has for an answer. Who is busy would be busier for being asked again.</summary>
    public TimeSpan Patience => Min(Max(AnswerTime * 3, patience), MostPatience);

    /// <summary>Frames for it; null while there are none, because most of the time there are none.</summary>
    public ArrayBufferWriter<byte>? Output { get; set; }

    /// <summary>What it may still make us do.</summary>
    public double Credit { get; private set; } = double.MaxValue;

    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(30);

    private TimeSpan _creditAt = now;
    private TimeSpan _comparePause;
    private TimeSpan? _askedAt;

    /// <summary>It is asked for something.</summary>
    public void HandleAsked(TimeSpan now) => _askedAt ??= now;

    /// <summary>It answers, whether or not it is still waited for.</summary>
    public void HandleAnswer(TimeSpan now)
    {
        if (_askedAt is not { } askedAt) { return; }
        AnswerTime = Max(now - askedAt, AnswerTime * 7 / 8);
        _askedAt = null;
    }

    /// <summary>It is compared with now. The pause until it is again doubles while there is cause for it, so that comparing never keeps it busy.</summary>
    public void HandleCompared(TimeSpan now)
    {
        ToCompare.Clear();
        _comparePause = Max(now - CompareFrom > _comparePause ? _comparePause / 2 : Min(_comparePause * 2, MostPatience), Patience);
        CompareFrom = now + _comparePause;
    }

    /// <summary>Takes credit for some items, of which so many come back per second and ten times as many can be saved.</summary>
    public bool TryPay(int items, int perSecond, TimeSpan now)
    {
        Credit = Math.Min(perSecond * 10.0, Credit + ((now - _creditAt).TotalSeconds * perSecond));
        _creditAt = now;
        if (Credit < items) { return false; }
        Credit -= items;
        return true;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
