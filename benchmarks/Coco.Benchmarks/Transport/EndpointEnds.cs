using System.Diagnostics;
using System.Globalization;
using System.Net;
using Coco.Benchmarks.Latency;
using Coco.Benchmarks.Relays;
using Coco.Crypto;
using Coco.Quic.Streams;
using Coco.Transport;
using Coco.Transport.Udp;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;

namespace Coco.Benchmarks.Transport;

/// <summary>The two processes of a transfer through the public API, <see cref="Endpoint"/>, as an application would write them.</summary>
internal static class EndpointEnds
{
    private const int ChunkSize = 256 << 10;
    private const long SettledAfter = 100_000_000; // bytes after which windows and buffers have grown to their size
    private const byte Upload = 1, Echo = 2; // a stream's first byte

    private const string RelayArgument = "relay=";

    private static readonly byte[] ServerSeed = [.. Enumerable.Repeat((byte)7, 32)], RelaySeed = [.. Enumerable.Repeat((byte)8, 32)];

    /// <summary>endpoint-relay ADDRESS PORT [metered]: relays for others until killed.</summary>
    public static int Relay(string[] args)
    {
        using var key = IdentityKey.FromSeed(RelaySeed);
        var unlimited = new RelayQuota { BytesPerSecond = 50_000_000_000, PacketsPerSecond = 1_000_000_000, BytesPerMonth = 1_000_000_000_000_000_000 };
        var endpoint = Endpoint.StartAsync(new()
        {
            Identities = [key],
            ListenAddresses = [IPEndPoint.Parse(args[0] + ":" + args[1])],
            RelayServer = args.Contains("metered")
                ? new() { PerClient = unlimited, Terms = new OneNetwork(new() { PerNetwork = unlimited, NetworkBytesLeft = unlimited.BytesPerMonth }), MetersUsage = true }
                : new() { PerClient = unlimited, PerNetwork = unlimited },
        }).GetAwaiter().GetResult();
        Console.WriteLine("listening");
        Console.In.ReadToEnd();
        endpoint.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return 0;
    }

    /// <summary>endpoint-rx ADDRESS PORT [inline] [relay=ADDRESS:PORT]: serves until killed. A line on standard input asks for a line of figures; "memory" as the
    /// line adds memory after a full collection.</summary>
    public static int Receive(string[] args)
    {
        using var key = IdentityKey.FromSeed(ServerSeed);
        var endpoint = Start(key, IPEndPoint.Parse(args[0] + ":" + args[1]), args);
        if (RelayOf(args) is not null) { WaitUntilReachable(endpoint); }
        Console.WriteLine($"listening {endpoint.LocalEndPoints[0].Port}");
        var serving = ServeAsync(endpoint);
        while (Console.In.ReadLine() is { } line)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"figures cpu={Environment.CpuUsage.TotalTime.TotalSeconds:F4} {(line is "memory" ? Memory() : "")}"));
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
            $"sent bytes={count} wall={wall:F4} cpu={used:F4} settled_allocated={allocated} settled_datagrams={packets} path={connection.ActivePath?.Type} lost={connection.Statistics.PacketsLost} rtt_us={connection.Statistics.RoundTripTime.TotalMicroseconds:F0} cwnd={connection.Statistics.CongestionWindow} mtu={connection.Statistics.MaxPacketSize}"));
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
        Console.WriteLine(EchoTimes.Line(times));
    });

    /// <summary>endpoint-connect ADDRESS PORT COUNT: opens and closes connections one after the other and prints the median time of a call.</summary>
    public static int Connects(string[] args) => RunAsync(args, async (_, count, connect) =>
    {
        var times = new double[count];
        for (var i = -20; i < count; i++) // chosen: enough to have all code compiled
        {
            var start = Stopwatch.GetTimestamp();
            await using var connection = await connect();
            if (i >= 0) { times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds; }
        }
        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"connected p50={times[count / 2]:F3} p99={times[count * 99L / 100]:F3}"));
    });

    /// <summary>endpoint-idle ADDRESS PORT COUNT: holds so many more connections after a line of input, then waits for another.</summary>
    public static int Idle(string[] args) => RunAsync(args, async (_, count, connect) =>
    {
        var held = new List<Connection>();
        await OpenAsync(200); // what the endpoint has for all of them is there then
        Console.WriteLine($"warm {Memory()}");
        Console.In.ReadLine();
        await OpenAsync(count);
        Console.WriteLine($"idle {Memory()}");
        Console.In.ReadLine();
        GC.KeepAlive(held);

        async Task OpenAsync(int number)
        {
            for (var i = 0; i < number; i++) { held.Add(await connect()); }
            await Task.Delay(TimeSpan.FromSeconds(10)); // until what a connection begins with is over: the search for paths, their MTU, acknowledgements
        }
    });

    /// <summary>endpoint-hold ADDRESS PORT COUNT: holds one connection until a line of input.</summary>
    public static int Hold(string[] args) => RunAsync(args, (connection, _) =>
    {
        Console.WriteLine("holding");
        Console.In.ReadLine();
        GC.KeepAlive(connection);
        return Task.CompletedTask;
    });

    private static int RunAsync(string[] args, Func<Connection, int, Task> run) => RunAsync(args, (connection, count, _) => run(connection, count));

    private static int RunAsync(string[] args, Func<Connection, int, Func<Task<Connection>>, Task> run)
    {
        Task.Run(async () =>
        {
            using var clientKey = IdentityKey.Generate();
            using var serverKey = IdentityKey.FromSeed(ServerSeed);
            await using var endpoint = Start(clientKey, new(IPAddress.Any, 0), args);
            await run(await ConnectAsync(), int.Parse(args[2], CultureInfo.InvariantCulture), ConnectAsync);

            Task<Connection> ConnectAsync() => endpoint.ConnectAsync(
                serverKey.Id, RelayOf(args) is { } relay ? new() { Relays = [relay] } : ConnectHints.At(IPEndPoint.Parse(args[0] + ":" + args[1])));
        }).GetAwaiter().GetResult();
        return 0;
    }

    private static Endpoint Start(IdentityKey key, IPEndPoint local, string[] args)
    {
        var relay = RelayOf(args);
        return Endpoint.StartAsync(new()
        {
            Identities = [key],
            ListenAddresses = [local],
            InlineContinuations = args.Contains("inline"),
            Relays = relay is null ? [] : [relay],
            Policy = relay is null ? PathPolicy.Default : new() { RelayOnly = true },
            Connection = new TransportOptions().Connection with
            {
                Streams = new StreamOptions { InitialStreamWindow = 8 << 20, InitialConnectionWindow = 12 << 20 },
                ProbePathMtu = relay is null, // packets of 1,200 bytes through a relay, as what we compare with
            },
        }).GetAwaiter().GetResult();
    }

    private static RelayInfo? RelayOf(string[] args)
    {
        if (Array.Find(args, argument => argument.StartsWith(RelayArgument, StringComparison.Ordinal)) is not { } given) { return null; }
        using var key = IdentityKey.FromSeed(RelaySeed);
        return new(key.Id, [IPEndPoint.Parse(given[RelayArgument.Length..]).ToNetworkAddress()]);
    }

    private static void WaitUntilReachable(Endpoint endpoint)
    {
        for (var tries = 0; endpoint.Record is not { Relays.Count: 1 }; tries++)
        {
            if (tries == 1000) { throw new TimeoutException("the relay does not take us"); }
            Thread.Sleep(10);
        }
    }

    private static string Memory()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return string.Create(CultureInfo.InvariantCulture, $"heap={GC.GetTotalMemory(false)} rss={Environment.WorkingSet}");
    }

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
