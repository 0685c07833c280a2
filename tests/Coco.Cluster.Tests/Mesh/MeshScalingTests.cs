using System.Diagnostics;

namespace Coco.Cluster.Tests.Mesh;

public sealed class MeshScalingTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(10, 0)]
    [InlineData(100, 0)]
    [InlineData(1000, 20)]
    [InlineData(10_000, 20)]
    public void Bytes_and_memory_of_a_node_follow_its_sub_cluster_and_not_the_network(int nodes, int core)
    {
        Assert.SkipUnless(nodes <= 100 || Environment.GetEnvironmentVariable("COCO_ALL") == "1", "takes minutes: set COCO_ALL=1");
        var clock = Stopwatch.StartNew();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var simulation = new MeshSimulation(new() { Nodes = nodes, Core = core, Seed = 31, Loss = 0.01 });
        for (var i = 0; i < nodes; i++)
        {
            simulation.Start(i);
            simulation.RunUntil(simulation.Now + TimeSpan.FromMilliseconds(10));
        }
        var took = simulation.RunUntilConverged(1, TimeSpan.FromSeconds(30));
        var (bytes, packets) = (simulation.Up.Average(member => member.SentBytes), simulation.Up.Average(member => member.SentPackets));
        simulation.RunUntil(simulation.Now + TimeSpan.FromMinutes(2));
        var idle = simulation.Up.Sum(member => member.SentPackets);
        simulation.RunUntil(simulation.Now + TimeSpan.FromHours(24));
        var perSecond = (simulation.Up.Sum(member => member.SentPackets) - idle) / 86_400.0 / nodes;
        var memory = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)nodes;
        var known = simulation.Up.Average(member => member.Node!.Graph.NodeCount);

        output.WriteLine(
            $"| {nodes} | {took?.TotalSeconds:F1} s | {bytes / 1000:F0} kB | {packets:F0} | {perSecond:F4} | {memory / 1000:F0} kB | {known:F0} | {clock.Elapsed.TotalSeconds:F0} s real, seed 31");
        if (took is null) { Assert.Fail(simulation.Explain()); }
        Assert.InRange(perSecond, 0, 0.1);
        GC.KeepAlive(simulation);
    }
}
