using System.Diagnostics;
using System.Net;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal.Finding;

namespace Coco.Benchmarks.Mesh;

/// <summary>Three nodes on loopback, A, B and C, in one process: a stream from A to C, directly or through B alone.</summary>
internal static class HopTown
{
    private const long WarmUp = 64 << 20;
    private const long Measured = 512 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly IPAddress A = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress B = IPAddress.Parse("127.0.0.3");
    private static readonly IPAddress C = IPAddress.Parse("127.0.0.4");

    /// <summary>Goodput in Gb/s.</summary>
    /// <param name="throughB">Whether A and C may not connect to each other.</param>
    public static async Task<double> GigabitsAsync(bool throughB)
    {
        var policy = throughB ? new PathPolicy { AllowedPrefixes = [new(B.ToNetworkAddress(), 32)] } : PathPolicy.Default;
        await using var hostB = await StartAsync(B, PathPolicy.Default);
        await using var hostA = await StartAsync(A, policy);
        await using var hostC = await StartAsync(C, policy);
        await using var b = await Node.CreateNetworkAsync(new() { Name = "town" }, OptionsOf("b", hostB));
        await using var a = await Node.JoinAsync(await b.InviteAsync(), OptionsOf("a", hostA));
        await using var c = await Node.JoinAsync(await b.InviteAsync(), OptionsOf("c", hostC));
        await a.WaitForAsync(node => node.Peers.Any(peer => peer.Id == c.Id && peer.IsReachable)).WaitAsync(Patience);

        await using var connection = await a.ConnectAsync(c.Id).WaitAsync(Patience);
        await using var stream = await connection.OpenStreamAsync(bidirectional: false);
        var reading = ReadAsync(c);
        await WriteAsync(stream, WarmUp + Measured).WaitAsync(Patience);
        await stream.CompleteWritesAsync();
        var gigabits = await reading.WaitAsync(Patience);
        var expected = throughB ? PathType.Mesh : PathType.Udp;
        if (connection.ActivePath?.Type != expected) { throw new InvalidOperationException($"A reaches C by {connection.ActivePath?.Type}, not by {expected}."); }
        return gigabits;
    }

    private static Task<CocoHost> StartAsync(IPAddress address, PathPolicy policy) =>
        CocoHost.StartAsync(new() { ListenAddresses = [new(address, 0)], Policy = policy });

    private static NodeOptions OptionsOf(string name, CocoHost host) => new() { Name = name, App = new("town"), Host = host, DiscoverOnLan = false };

    private static async Task WriteAsync(ConnectionStream stream, long bytes)
    {
        var buffer = new byte[256 << 10];
        for (var left = bytes; left > 0; left -= buffer.Length) { await stream.WriteAsync(buffer); }
    }

    private static async Task<double> ReadAsync(Node node)
    {
        var connection = await node.AcceptAsync();
        await using var stream = await connection.AcceptStreamAsync();
        var buffer = new byte[256 << 10];
        var (total, start) = (0L, 0L);
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            total += count;
            if (start == 0 && total >= WarmUp) { (total, start) = (total - WarmUp, Stopwatch.GetTimestamp()); }
        }
        return total * 8 / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }
}
