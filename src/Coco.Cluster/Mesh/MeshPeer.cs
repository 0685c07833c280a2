using System.Buffers;
using Coco.Cluster.Graph;
using Coco.Crypto;

namespace Coco.Cluster.Mesh;

/// <summary>A connected member, and what is to be sent to it.</summary>
internal sealed class MeshPeer(NodeId id, int slot, TimeSpan now)
{
    public NodeId Id { get; } = id;

    public NodeTag Tag { get; } = NodeTag.Of(id);

    public int Slot { get; } = slot;

    public ushort Cost { get; set; } = 1;

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

    /// <summary>Frames for it; null while there are none, because most of the time there are none.</summary>
    public ArrayBufferWriter<byte>? Output { get; set; }

    /// <summary>What it may still make us do.</summary>
    public double Credit { get; private set; } = double.MaxValue;

    private TimeSpan _creditAt = now;

    /// <summary>Takes credit for some items, of which so many come back per second and ten times as many can be saved.</summary>
    public bool TryPay(int items, int perSecond, TimeSpan now)
    {
        Credit = Math.Min(perSecond * 10.0, Credit + ((now - _creditAt).TotalSeconds * perSecond));
        _creditAt = now;
        if (Credit < items) { return false; }
        Credit -= items;
        return true;
    }
}
