using System.Diagnostics;
using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Messaging;

/// <summary>One run: a server where there is one, a process with the publishers, one with the subscribers.</summary>
internal sealed class MessagingRun : IDisposable
{
    private readonly MessagingServer? _server;
    private readonly LabProcess _publishers;
    private readonly LabProcess? _subscribers;
    private readonly FanOut _fan;

    public MessagingRun(MessagingPeer peer, FanOut fan)
    {
        _fan = fan;
        _server = peer.Server?.Invoke();
        var port = $"{_server?.Port ?? 0}";
        _publishers = Ends.StartSelfCompiled(["messaging-publish", peer.System, fan.Name, port]);
        try
        {
            var secret = _publishers.WaitForLine("secret ", Ends.Patience)["secret ".Length..];
            _subscribers = Ends.StartSelfCompiled(["messaging-subscribe", peer.System, fan.Name, port, secret]);
            _subscribers.WaitForLine("subscribed", Ends.Patience);
            Ask(_publishers, "settle", "settled");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public MessagingFigures Measure(string seconds, int rate, TextWriter progress, string label)
    {
        // Warm: what is compiled differs between the two.
        Do("flood 1");
        Do($"pace {rate} 1");
        var (before, foreign) = (CpuSeconds, new ForeignLoad());
        var flood = Do($"flood {seconds}");
        var cpu = CpuSeconds - before;
        var others = foreign.Since(cpu);
        var paced = Do($"pace {rate} {seconds}");
        var figures = new MessagingFigures(
            flood.Got / flood.Wall, cpu * 1e6 / flood.Got, ThroughputResult.Figure(paced.Line, "p50"), ThroughputResult.Figure(paced.Line, "p99"),
            flood.Expected - flood.Got + paced.Expected - paced.Got, ThroughputResult.Figure(flood.Line, "twice") + ThroughputResult.Figure(paced.Line, "twice"));
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {label} {figures.PerSecond,9:F0}/s, {figures.CpuMicroseconds,6:F2} us of CPU each; at {rate}/s p50 {figures.P50,7:F0} us, p99 {figures.P99,7:F0} us; lost {figures.Lost}, twice {figures.Twice}   foreign {others:P0}"));
        return figures;
    }

    public void Dispose()
    {
        _subscribers?.Dispose();
        _publishers.Dispose();
        _server?.Dispose();
    }

    private double CpuSeconds => (_publishers.ProcessorTime + _subscribers!.ProcessorTime + (_server?.Process.ProcessorTime ?? TimeSpan.Zero)).TotalSeconds;

    private (double Expected, double Got, double Wall, string Line) Do(string what)
    {
        Ask(_subscribers!, "begin", "begun");
        var sent = Ask(_publishers, what, "sent ");
        var count = ThroughputResult.Figure(sent, "count");
        var got = Ask(_subscribers!, $"end {count:F0}", "got ");
        var wall = (Of(got, "last") - Of(sent, "start")) / (double)Stopwatch.Frequency;
        return (count * _fan.Subscribers, ThroughputResult.Figure(got, "count"), wall, got);

        static long Of(string line, string name) => (long)ThroughputResult.Figure(line, name);
    }

    private static string Ask(LabProcess process, string line, string answer)
    {
        var from = process.Output.Length;
        process.Input.WriteLine(line);
        return process.WaitForLine(answer, Ends.Patience, from);
    }
}
