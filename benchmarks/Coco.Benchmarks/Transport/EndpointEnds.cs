using System.Diagnostics;
using System.Globalization;
using System.Net;
using Coco.Crypto;
using Coco.Quic.Streams;
using Coco.Transport;

namespace Coco.Benchmarks.Transport;

/// <summary>The two processes of a transfer through the public API, <see cref="Endpoint"/>, as an application would write them.</summary>
internal static class EndpointEnds
{
    private const int ChunkSize = 256 << 10;
    private const long SettledAfter = 100_000_000; // bytes after which windows and buffers have grown to their size
    private const byte Upload = 1, Echo = 2; // a stream's first byte

    private static readonly byte[] ServerSeed = [.. Enumerable.Repeat((byte)7, 32)];

    /// <summary>endpoint-rx ADDRESS PORT [inline]: serves until killed. A line on standard input asks for a line of figures.</summary>
    public static int Receive(string[] args)
    {
        using var key = IdentityKey.FromSeed(ServerSeed);
        var endpoint = Start(key, IPEndPoint.Parse(args[0] + ":" + args[1]), args);
        Console.WriteLine($"listening {endpoint.LocalEndPoints[0].Port}");
        var serving = ServeAsync(endpoint);
        while (Console.In.ReadLine() is not null)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figures cpu={Environment.CpuUsage.TotalTime.TotalSeconds:F4}"));
        }
        endpoint.DisposeAsync().AsTask().GetAwaiter().GetResult();
        serving.GetAwaiter().GetResult();
        return 0;
    }

    /// <summary>endpoint-tx ADDRESS PORT BYTES [inline]: sends by one stream and prints what it took.</summary>
    public static int Send(string[] args) => RunAsync(args, async (connection, count) =>
    {
        await UploadAsync(connection, 50_000_000);
        Console.WriteLine("warm");
        Console.In.ReadLine();
        var (cpu, start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        var (allocated, packets) = await UploadAsync(connection, count);
        var (wall, used) = (Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"sent bytes={count} wall={wall:F4} cpu={used:F4} settled_allocated={allocated} settled_datagrams={packets} lost={connection.Statistics.PacketsLost}"));
    });

    /// <summary>endpoint-echo ADDRESS PORT COUNT [inline]: round trips of 64 bytes, one after the other.</summary>
    public static int RoundTrips(string[] args) => RunAsync(args, async (connection, count) =>
    {
        await using var stream = await connection.OpenStreamAsync();
        var message = new byte[64];
        message[0] = Echo;
        await stream.WriteAsync(message.AsMemory(0, 1));
        var times = new double[count];
        for (var i = -1000; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await stream.WriteAsync(message);
            await stream.ReadExactlyAsync(message);
            if (i >= 0) { times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds; }
        }
        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"echoed p50={times[count / 2]:F1} p99={times[count * 99L / 100]:F1}"));
    });

    private static int RunAsync(string[] args, Func<Connection, int, Task> run)
    {
        Task.Run(async () =>
        {
            using var clientKey = IdentityKey.Generate();
            using var serverKey = IdentityKey.FromSeed(ServerSeed);
            await using var endpoint = Start(clientKey, new(IPAddress.Any, 0), args);
            var connection = await endpoint.ConnectAsync(serverKey.Id, ConnectHints.At(IPEndPoint.Parse(args[0] + ":" + args[1])));
            await run(connection, int.Parse(args[2], CultureInfo.InvariantCulture));
        }).GetAwaiter().GetResult();
        return 0;
    }

    private static Endpoint Start(IdentityKey key, IPEndPoint local, string[] args) => Endpoint.StartAsync(new()
    {
        Identities = [key],
        ListenAddresses = [local],
        InlineContinuations = args[^1] == "inline",
        Connection = new() { Streams = new StreamOptions { InitialStreamWindow = 8 << 20, InitialConnectionWindow = 12 << 20 } },
    }).GetAwaiter().GetResult();

    private static async Task<(long Allocated, long Packets)> UploadAsync(Connection connection, long bytes)
    {
        await using var stream = await connection.OpenStreamAsync();
        await stream.WriteAsync(new byte[] { Upload });
        var chunk = new byte[ChunkSize];
        var settled = (Allocated: 0L, Packets: 0L);
        for (var left = bytes; left > 0; left -= Math.Min(left, ChunkSize))
        {
            if (settled.Allocated == 0 && bytes - left > SettledAfter) { settled = (GC.GetTotalAllocatedBytes(), connection.Statistics.PacketsSent); }
            await stream.WriteAsync(chunk.AsMemory(0, (int)Math.Min(left, ChunkSize)));
        }
        await stream.CompleteWritesAsync();
        var answer = new byte[1];
        await stream.ReadExactlyAsync(answer); // all has arrived
        return (GC.GetTotalAllocatedBytes() - settled.Allocated, connection.Statistics.PacketsSent - settled.Packets);
    }

    private static async Task ServeAsync(Endpoint endpoint)
    {
        await foreach (var connection in endpoint.AcceptAllAsync()) { _ = ServeAsync(connection); }
    }

    private static async Task ServeAsync(Connection connection)
    {
        try
        {
            while (true) { _ = ServeAsync(await connection.AcceptStreamAsync()); }
        }
        catch (TransportException)
        {
            // The caller has left.
        }
    }

    private static async Task ServeAsync(ConnectionStream stream)
    {
        try
        {
            await using var _ = stream;
            var buffer = new byte[ChunkSize];
            await stream.ReadExactlyAsync(buffer.AsMemory(0, 1));
            var echoes = buffer[0] == Echo;
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                if (echoes) { await stream.WriteAsync(buffer.AsMemory(0, read)); }
            }
            if (!echoes) { await stream.WriteAsync(buffer.AsMemory(0, 1)); }
        }
        catch (TransportException)
        {
            // The caller has left.
        }
    }
}
