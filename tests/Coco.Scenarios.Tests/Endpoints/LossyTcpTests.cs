using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Coco.Lab.Endpoints;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Kernel;
using Coco.Transport;

namespace Coco.Scenarios.Tests.Endpoints;

/// <summary>Where UDP is blocked and packets are lost, a stream of ours over a TCP link against a bare TCP connection, both the kernel's.</summary>
public sealed class LossyTcpTests
{
    private const int Rounds = 5; // one after the other in turn, since loss and the machine have their moods
    private const int FirstBytes = 300_000;
    private const double Seconds = 0.5; // that a round takes each, as fast as TCP is here: some controls are ten times slower than others at such a loss

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    // A rate below what the machine can, so that only the loss counts.
    private static readonly LineConditions Fine = new() { Delay = TimeSpan.FromMilliseconds(10), RateDown = 50_000 };

    [Theory]
    [InlineData(null)] // the system's
    [InlineData("reno")] // which every system has
    public async Task At_three_percent_loss_a_stream_over_TCP_has_half_of_the_goodput_of_TCP_itself_and_more(string? control)
    {
        using var internet = KernelLab.CreateForDelays();
        var server = internet.AddServer("server", Fine);
        var host = internet.AddHome("home", NatKind.UdpBlocked).AddHost("host");
        internet.Start();
        if (control is not null) { host.Namespace.Run("sh", "-c", $"echo {control} > /proc/sys/net/ipv4/tcp_congestion_control"); }
        await using var callee = await LabNode.StartAsync(server, []);
        await using var caller = await LabNode.StartAsync(host, []);
        var accepting = AcceptAsync(callee.Endpoint);
        await using var connection = await caller.Endpoint.ConnectAsync(
            callee.Id, ConnectHints.At(new IPEndPoint(server.Address, callee.Endpoint.LocalEndPoints[0].Port))).WaitAsync(Patience);
        using var listener = server.CreateSocket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(server.Address, 0));
        listener.Listen();
        using var plain = host.CreateSocket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await plain.ConnectAsync(listener.LocalEndPoint!);
        using var plainEnd = await listener.AcceptAsync();
        await using NetworkStream sending = new(plain), receiving = new(plainEnd);
        await using var accepted = await accepting.WaitAsync(Patience);

        server.Line.Apply(Fine with { LossUp = 0.03, LossDown = 0.03 });
        var (ours, theirs) = (new List<double>(), new List<double>());
        await using var stream = await connection.OpenStreamAsync();
        await stream.WriteAsync(new byte[1]);
        await using var streamEnd = await accepted.AcceptStreamAsync();
        await streamEnd.ReadExactlyAsync(new byte[1]);
        var bytes = (int)(await MegabitsAsync(sending, receiving, FirstBytes) * Seconds * 1e6 / 8);
        await MegabitsAsync(stream, streamEnd, FirstBytes);
        for (var round = 0; round < Rounds; round++)
        {
            theirs.Add(await MegabitsAsync(sending, receiving, bytes));
            ours.Add(await MegabitsAsync(stream, streamEnd, bytes));
        }

        var statistics = connection.Statistics;
        TestContext.Current.SendDiagnosticMessage($"Mb/s: ours {Text(ours)}, TCP {Text(theirs)}; {statistics.PacketsLost} of {statistics.PacketsSent} packets lost");
        Assert.Equal(PathType.Tcp, connection.ActivePath?.Type);
        Assert.InRange(Median(ours) / Median(theirs), 0.5, double.PositiveInfinity);
        Assert.InRange(statistics.PacketsLost, 0, statistics.PacketsSent / 100); // what is late because TCP sends it again is not lost
    }

    private static async Task<Connection> AcceptAsync(Endpoint endpoint)
    {
        await foreach (var connection in endpoint.AcceptAllAsync()) { return connection; }
        throw new InvalidOperationException("nobody called");
    }

    private static async Task<double> MegabitsAsync(Stream from, Stream to, int bytes)
    {
        var start = Stopwatch.GetTimestamp();
        var writing = Task.Run(async () => await from.WriteAsync(new byte[bytes]));
        await to.ReadExactlyAsync(new byte[bytes]).AsTask().WaitAsync(Patience);
        await writing.WaitAsync(Patience);
        return bytes * 8 / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static string Text(List<double> rates) => string.Join(' ', rates.Select(static rate => $"{rate:F1}"));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
