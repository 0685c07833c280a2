using System.Globalization;
using Coco.Benchmarks.Latency;
using Coco.Benchmarks.Throughput;
using Coco.Lab;
using Coco.Transport;

namespace Coco.Benchmarks.Transport;

/// <summary>One stream through the public API, continuations on the pool's threads or on the endpoint's; over TCP, where UDP is blocked.</summary>
internal sealed class EndpointPeer(bool inline, bool isUdpBlocked = false) : IThroughputPeer
{
    private readonly List<double> _allocated = [];

    public string Name => $"endpoint{(inline ? "-inline" : "")}{(isUdpBlocked ? "-over-tcp" : "")}";

    public string? ReasonMissing => isUdpBlocked ? PeerPrograms.ReasonWithout("nft") : null;

    /// <summary>Bytes the sender allocated per packet once 100 MB had passed; the median of the runs.</summary>
    public double AllocatedPerPacket => RoundRunner.MedianOf(_allocated);

    public ThroughputResult Run(VethPair lab, long bytes)
    {
        if (!isUdpBlocked) { return Transfer(lab, bytes, PathType.Udp); }
        lab.Left.Run("nft", "add table inet blocked { chain output { type filter hook output priority filter; meta l4proto udp drop; }; }");
        try
        {
            return Transfer(lab, bytes, PathType.Tcp);
        }
        finally
        {
            lab.Left.Run("nft", "delete table inet blocked");
        }
    }

    private ThroughputResult Transfer(VethPair lab, long bytes, PathType way)
    {
        using var receiver = StartReceiver(lab);
        using var sender = Ends.StartSelf(lab.Left, 0, ["endpoint-tx", .. Arguments(lab, bytes)]);
        sender.WaitForLine("warm", Ends.Patience);
        var before = CocoPeer.Ask(receiver);
        sender.Input.WriteLine();
        var sent = sender.WaitForLine("sent ", Ends.Patience);
        var after = CocoPeer.Ask(receiver);
        if (!sent.Contains($"path={way} ", StringComparison.Ordinal)) { throw new InvalidOperationException($"not over {way}: {sent}"); }

        _allocated.Add(ThroughputResult.Figure(sent, "settled_allocated") / ThroughputResult.Figure(sent, "settled_datagrams"));
        return new(
            (long)ThroughputResult.Figure(sent, "bytes"),
            ThroughputResult.Figure(sent, "wall"),
            ThroughputResult.Figure(sent, "cpu"),
            ThroughputResult.Figure(after, "cpu") - ThroughputResult.Figure(before, "cpu"));
    }

    /// <summary>Microseconds that 64 bytes take there and back.</summary>
    public EchoTimes Echo(VethPair lab, int count)
    {
        using var receiver = StartReceiver(lab);
        using var sender = Ends.StartSelf(lab.Left, 0, ["endpoint-echo", .. Arguments(lab, count)]);
        return EchoTimes.Parse(sender.WaitForLine("echoed ", Ends.Patience));
    }

    /// <summary>Milliseconds that a call takes, once warm: the median of 100.</summary>
    public static double ConnectMs(VethPair lab)
    {
        var peer = new EndpointPeer(inline: false);
        using var receiver = peer.StartReceiver(lab);
        using var sender = Ends.StartSelf(lab.Left, 0, ["endpoint-connect", .. peer.Arguments(lab, 100)]);
        return ThroughputResult.Figure(sender.WaitForLine("connected ", Ends.Patience), "p50");
    }

    /// <summary>Bytes that each of so many more idle connections takes at each end: resident, native memory included, and managed.</summary>
    public static (IdleBytes Client, IdleBytes Server) IdleMemory(VethPair lab, int count)
    {
        var peer = new EndpointPeer(inline: false);
        using var receiver = peer.StartReceiver(lab);
        using var sender = Ends.StartSelf(lab.Left, 0, ["endpoint-idle", .. peer.Arguments(lab, count)]);
        var warm = sender.WaitForLine("warm ", Ends.Patience);
        var before = Memory();
        sender.Input.WriteLine();
        var idle = sender.WaitForLine("idle ", Ends.Patience);
        return (IdleBytes.Between(warm, idle, count), IdleBytes.Between(before, Memory(), count));

        string Memory()
        {
            var from = receiver.Output.Length;
            receiver.Input.WriteLine("memory");
            return receiver.WaitForLine("figures ", Ends.Patience, from);
        }
    }

    /// <summary>Datagrams that both ends of one idle connection send in so much time, once its beginning is over.</summary>
    public static long IdleDatagrams(VethPair lab, TimeSpan time)
    {
        var peer = new EndpointPeer(inline: false);
        using var receiver = peer.StartReceiver(lab);
        using var sender = Ends.StartSelf(lab.Left, 0, ["endpoint-hold", .. peer.Arguments(lab, 1)]);
        sender.WaitForLine("holding", Ends.Patience);
        Thread.Sleep(TimeSpan.FromSeconds(10)); // what a connection begins with
        var before = SentDatagrams(lab);
        Thread.Sleep(time);
        return SentDatagrams(lab) - before;
    }

    // proc(5): two lines "Udp: name..." and "Udp: value...".
    private static long SentDatagrams(VethPair lab)
    {
        return Of(lab.Left) + Of(lab.Right);

        static long Of(NetNamespace space)
        {
            var lines = space.Run("cat", "/proc/net/snmp").Split('\n').Where(line => line.StartsWith("Udp:", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToArray();
            return long.Parse(lines[1][Array.IndexOf(lines[0], "OutDatagrams")], CultureInfo.InvariantCulture);
        }
    }

    private LabProcess StartReceiver(VethPair lab)
    {
        var receiver = Ends.StartSelf(lab.Right, 1, ["endpoint-rx", lab.RightAddress.ToString(), $"{Ends.Port}", .. Inline()]);
        receiver.WaitForLine("listening", Ends.Patience);
        return receiver;
    }

    private string[] Arguments(VethPair lab, long count) =>
        [lab.RightAddress.ToString(), $"{Ends.Port}", count.ToString(CultureInfo.InvariantCulture), .. Inline()];

    private string[] Inline() => inline ? ["inline"] : [];
}
