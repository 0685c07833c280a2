namespace Coco.Cluster.Graph;

/// <summary>Room to compute shortest paths in, reused by all graphs of one loop.</summary>
internal sealed class RouteScratch
{
    public PriorityQueue<ushort, uint> Queue { get; } = new();

    /// <summary>Core nodes that the links of a scope do not lead to, by the scope.</summary>
    public List<(byte Scope, ushort Slot)> Missed { get; } = [];

    public RouteLabel[] Labels { get; private set; } = [];

    public bool[] WasReachable { get; private set; } = [];

    public void Prepare(int slots)
    {
        Missed.Clear();
        if (Labels.Length >= slots) { return; }
        Labels = new RouteLabel[slots * 2];
        WasReachable = new bool[slots * 2];
    }

    public void Clear(int slots)
    {
        Queue.Clear();
        Labels.AsSpan(0, slots).Fill(new() { Cost = RouteLabel.None });
    }
}
