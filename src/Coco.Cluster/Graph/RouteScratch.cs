namespace Coco.Cluster.Graph;

/// <summary>Room to compute shortest paths in, reused by all graphs of one loop.</summary>
internal sealed class RouteScratch
{
    public PriorityQueue<ushort, uint> Queue { get; } = new();

    public uint[] Costs { get; private set; } = [];

    public bool[] WasReachable { get; private set; } = [];

    public void Prepare(int slots)
    {
        Queue.Clear();
        if (Costs.Length < slots)
        {
            Costs = new uint[slots * 2];
            WasReachable = new bool[slots * 2];
        }
        Costs.AsSpan(0, slots).Fill(uint.MaxValue);
    }
}
