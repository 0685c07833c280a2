using System.Diagnostics;
using System.Globalization;
using Coco.Transport.Loop;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Small writes to an endpoint that sleeps are sent on the writer's thread, with one owner of the endpoint at any time.</summary>
[Collection(nameof(EndpointCostTests))]
public sealed class LentLoopTests
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;

    [Fact]
    public async Task A_small_write_to_an_endpoint_that_sleeps_is_sent_when_the_call_returns()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        using var over = new CancellationTokenSource(Patience);
        for (var sentAtOnce = 0; sentAtOnce < 20;) // an endpoint may be awake for reasons of its own, the longer the busier the machine
        {
            over.Token.ThrowIfCancellationRequested();
            await Pause();
            var writing = client.WriteAsync(new byte[100], over.Token);
            if (writing.IsCompleted) { sentAtOnce++; }
            await writing;
            await server.ReadExactlyAsync(new byte[100], over.Token);
        }
    }

    [Fact]
    public async Task A_timer_that_a_write_on_another_thread_sets_is_heard_by_the_loop_that_sleeps()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "how much waits at a socket is read from /proc");
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.OpenStreamAsync();
        using var over = new CancellationTokenSource(Patience);
        for (var heard = 0; heard < 5;)
        {
            await Task.Delay(300, over.Token); // what was on its way is over, and the client's loop sleeps for long
            using var stop = new Stop();
            pair.Server.Loop.Post(stop);
            stop.Begun.Wait(over.Token);
            var before = WaitingAt(pair.Server.LocalEndPoints[0].Port);
            var writing = client.WriteAsync(new byte[100], over.Token);
            var isLent = writing.IsCompleted;
            await writing;
            // Nobody acknowledges it, so the client has to send again when its timer (RFC 9002 §6.2) is due: after some 50 ms here.
            var first = await MoreThanAsync(before);
            if (isLent)
            {
                await MoreThanAsync(first);
                heard++;
            }
            stop.End.Set();
            await server.ReadExactlyAsync(new byte[100], over.Token);
        }

        async Task<long> MoreThanAsync(long least)
        {
            for (var since = Stopwatch.StartNew(); since.Elapsed < TimeSpan.FromSeconds(3); await Task.Delay(5, over.Token))
            {
                if (WaitingAt(pair.Server.LocalEndPoints[0].Port) is var waiting && waiting > least) { return waiting; }
            }
            Assert.Fail("nothing was sent within 3 s");
            return 0;
        }
    }

    [Fact]
    public async Task Many_threads_that_write_at_any_time_and_in_both_directions_change_nothing_of_what_arrives()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.ConnectAsync();
        var work = new List<Task>();
        for (var number = 0; number < 8; number++)
        {
            var (near, far) = await EndpointPair.OpenStreamAsync(client, server);
            work.AddRange([WriteAsync(near, number), WriteAsync(far, ~number), CheckAsync(far, number), CheckAsync(near, ~number)]);
        }

        await Task.WhenAll(work).WaitAsync(Patience);

        static Task WriteAsync(ConnectionStream stream, int seed) => Task.Run(async () =>
        {
            var random = new Random(seed);
            var content = new Random(~seed);
            for (var i = 0; i < 400; i++)
            {
                var piece = new byte[random.Next(1, 6000)];
                content.NextBytes(piece);
                await stream.WriteAsync(piece);
                if (random.Next(4) == 0) { await Pause(); } // so that endpoints fall asleep in between
            }
            await stream.CompleteWritesAsync();
        });

        static Task CheckAsync(ConnectionStream stream, int seed) => Task.Run(async () =>
        {
            var random = new Random(seed);
            var content = new Random(~seed);
            for (var i = 0; i < 400; i++)
            {
                var expected = new byte[random.Next(1, 6000)];
                content.NextBytes(expected);
                var piece = new byte[expected.Length];
                await stream.ReadExactlyAsync(piece);
                Assert.Equal(expected, piece);
                _ = random.Next(4);
            }
            Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        });
    }

    private static Task Pause() => Task.Delay(2);

    // Bytes that nobody has read at the UDP socket of a port, on any address of IPv4: "sl local remote st tx:rx ...".
    private static long WaitingAt(int port) => File.ReadLines("/proc/net/udp").Skip(1)
        .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(fields => fields[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
        .Sum(static fields => long.Parse(fields[4].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    /// <summary>Keeps a loop from going on.</summary>
    private sealed class Stop : ILoopItem, IDisposable
    {
        public ManualResetEventSlim Begun { get; } = new();

        public ManualResetEventSlim End { get; } = new();

        public void Run(TimeSpan now)
        {
            Begun.Set();
            End.Wait(Patience);
        }

        public void Refuse() => Begun.Set();

        public void Dispose() => End.Set();
    }
}
