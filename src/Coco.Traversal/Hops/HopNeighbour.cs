using Coco.Crypto;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Hops;

/// <summary>A trusted neighbour's connection, and the sessions that go over it.</summary>
internal sealed class HopNeighbour(int number, NodeId self, NodeId peer, IHopLink link, HopOptions options)
{
    // A chosen factor: a node that starts, or has lost its way, asks for many things at once.
    private const int OpenBurst = 5;

    private TokenBucket _opens = new(options.OpensPerSecond, options.OpensPerSecond * OpenBurst);

    public int Number { get; } = number;

    /// <summary>Which of our nodes the connection is of.</summary>
    public NodeId Self { get; } = self;

    public NodeId Peer { get; } = peer;

    public IHopLink Link { get; } = link;

    public List<HopLeg> Legs { get; } = [];

    /// <summary>What waits to be sent there; null until something had to.</summary>
    public HopQueue? Queue { get; set; }

    /// <summary>When something last came from there over a session.</summary>
    public TimeSpan LastHeard { get; set; }

    /// <summary>No look whether it lives before this.</summary>
    public TimeSpan NextCheck { get; set; }

    public HopQueue CreateQueue() => new(options);

    public bool TryTakeOpen(TimeSpan now) => _opens.TryTake(now);

    public override string ToString() => $"{Peer}";
}
