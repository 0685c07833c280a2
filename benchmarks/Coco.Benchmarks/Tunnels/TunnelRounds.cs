using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Tunnels;

/// <summary>One kind of load, through each peer in turn; ratios are medians of the rounds' ratios.</summary>
/// <param name="unit">What is measured.</param>
/// <param name="scale">What one of what the client counts is of that unit.</param>
/// <param name="counted">What the client counts.</param>
/// <param name="load">The client's arguments.</param>
internal sealed class TunnelRounds(string unit, double scale, string counted, string[] load)
{
    private readonly Dictionary<string, List<TunnelFigures>> _figures = [];

    public void Run(ITunnelPeer peer, IOpenTunnel tunnel, VethPair lab, LabProcess server, int round, TextWriter progress)
    {
        using var client = Ends.StartSelf(lab.Left, ["http-tx", tunnel.Host, $"{tunnel.Port}", .. load]);
        client.WaitForLine("warm", Ends.Patience);
        var (serverBefore, before) = (ThroughputResult.Figure(CocoPeer.Ask(server), "cpu"), tunnel.CpuSeconds);
        var foreign = new ForeignLoad();
        client.Input.WriteLine();
        var done = client.WaitForLine("done ", Ends.Patience);
        var after = tunnel.CpuSeconds;
        var figures = new TunnelFigures(ThroughputResult.Figure(done, counted) * scale, ThroughputResult.Figure(done, "wall"), after.Left - before.Left, after.Right - before.Right);
        var ends = ThroughputResult.Figure(done, "cpu") + ThroughputResult.Figure(CocoPeer.Ask(server), "cpu") - serverBefore;
        var others = foreign.Since(ends + figures.LeftCpuSeconds + figures.RightCpuSeconds);

        if (!_figures.TryGetValue(peer.Name, out var list)) { _figures[peer.Name] = list = []; }
        list.Add(figures);
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  round {round}  {peer.Name,-14} {figures.PerSecond,9:F2} {unit}, {figures.PerCoreSecond ?? double.NaN,9:F2} per core   CPU s: left {figures.LeftCpuSeconds:F2} right {figures.RightCpuSeconds:F2} client and server {ends:F2}   foreign {others:P0}"));
    }

    /// <summary>The first peer is ours.</summary>
    public void Report(Report report, IReadOnlyList<ITunnelPeer> peers, string metric)
    {
        var mine = _figures[peers[0].Name];
        if (peers.Count == 1) { report.Add(metric, RoundRunner.MedianOf(mine.Select(one => one.PerSecond))); }
        foreach (var peer in peers.Skip(1))
        {
            var its = _figures[peer.Name];
            Compare(metric, one => one.PerSecond);
            Compare($"{metric}_per_core", one => one.PerCoreSecond);

            void Compare(string name, Func<TunnelFigures, double?> of)
            {
                (double Mine, double Its)[] pairs = [.. mine.Zip(its, (a, b) => (Mine: of(a), Its: of(b))).Where(pair => pair is { Mine: not null, Its: not null }).Select(pair => (pair.Mine!.Value, pair.Its!.Value))];
                if (pairs.Length == 0) { return; }
                report.Add(name, RoundRunner.MedianOf(pairs.Select(pair => pair.Mine)), peer.Name, RoundRunner.MedianOf(pairs.Select(pair => pair.Its)), RoundRunner.MedianOf(pairs.Select(pair => pair.Mine / pair.Its)));
            }
        }
    }
}
