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
        var cpuBefore = Environment.CpuUsage.TotalTime;
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
        var (settled, idle) = (simulation.Up.Average(member => member.SentBytes), simulation.Up.Sum(member => member.SentPackets));
        var memory = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)nodes;
        // A node repeats itself after 9 to 15 hours, on average every 12: in these 16 everybody does so once.
        simulation.RunUntil(simulation.Now + TimeSpan.FromHours(16));
        var refresh = simulation.Up.Average(member => member.SentBytes) - settled;
        var perSecond = (simulation.Up.Sum(member => member.SentPackets) - idle) / 43_200.0 / nodes;
        var (known, inCore) = (simulation.Up.Average(member => member.Node!.Graph.NodeCount), simulation.Up.Take(core).Select(member => member.Node!.Graph.NodeCount).DefaultIfEmpty().Max());

        output.WriteLine(
            $"| {nodes:N0} | {took?.TotalSeconds:F1} | {bytes / 1000:F0} | {packets:F0} | {settled / 1000:F0} | {refresh / 12000:F1} | {perSecond:F3} | {memory / 1000:F0} | {known:F0} | {inCore} |");
        output.WriteLine($"seed 31, {clock.Elapsed.TotalSeconds:F0} s, {(Environment.CpuUsage.TotalTime - cpuBefore).TotalSeconds:F0} s of processor time, {simulation.Delivered:N0} messages");
        if (took is null) { Assert.Fail(simulation.Explain()); }
        Assert.InRange(perSecond, 0, 0.1);
        GC.KeepAlive(simulation);
    }
}
