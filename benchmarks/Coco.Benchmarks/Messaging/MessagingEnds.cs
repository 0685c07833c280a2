using System.Diagnostics;
using System.Globalization;

namespace Coco.Benchmarks.Messaging;

/// <summary>The two processes of a measurement, which do what they are told line by line until their input ends.</summary>
internal static class MessagingEnds
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    /// <summary>messaging-publish SYSTEM FANOUT PORT: "settle", "flood SECONDS", "pace PER_SECOND SECONDS".</summary>
    public static int Publish(string[] args) => PublishAsync(args).GetAwaiter().GetResult();

    /// <summary>messaging-subscribe SYSTEM FANOUT PORT SECRET: "begin", "end COUNT".</summary>
    public static int Subscribe(string[] args) => SubscribeAsync(args).GetAwaiter().GetResult();

    private static IMessageClients Of(string[] args) => (args[0], int.Parse(args[2], CultureInfo.InvariantCulture)) switch
    {
        ("coco", _) => new CocoClients(isDurable: false),
        ("coco-durable", _) => new CocoClients(isDurable: true),
        ("mosquitto", var port) => new RawClients(new MqttProtocol(isAcknowledged: false), port),
        ("mosquitto-durable", var port) => new RawClients(new MqttProtocol(isAcknowledged: true), port),
        ("nats", var port) => new RawClients(new NatsProtocol(isDurable: false), port),
        ("nats-durable", var port) => new RawClients(new NatsProtocol(isDurable: true), port),
        _ => throw new ArgumentException($"{args[0]} is no system"),
    };

    private static async Task<int> PublishAsync(string[] args)
    {
        await using var clients = Of(args);
        var (publishers, secret) = await clients.PublishAsync(FanOut.Parse(args[1]));
        Console.WriteLine($"secret {secret}");
        while (Console.ReadLine() is { } line)
        {
            if (line.Split(' ') is ["settle"])
            {
                await clients.SettleAsync();
                Console.WriteLine("settled");
                continue;
            }
            var start = Stopwatch.GetTimestamp();
            var count = line.Split(' ') switch
            {
                ["flood", var seconds] => Flood(publishers, Seconds(seconds)),
                ["pace", var rate, var seconds] => Pace(publishers, int.Parse(rate, CultureInfo.InvariantCulture), Seconds(seconds)),
                _ => throw new ArgumentException(line),
            };
            Console.WriteLine($"sent count={count} start={start}");
        }
        foreach (var publisher in publishers) { publisher.Dispose(); }
        return 0;
    }

    private static long Flood(IReadOnlyList<IMessagePublisher> publishers, TimeSpan duration)
    {
        var total = 0L;
        Thread[] threads =
        [
            .. publishers.Select(publisher => new Thread(() =>
            {
                Interlocked.Add(ref total, publisher.Flood(duration));
                publisher.Finish();
            })),
        ];
        foreach (var thread in threads) { thread.Start(); }
        foreach (var thread in threads) { thread.Join(); }
        return total;
    }

    // Each millisecond what is due, never ahead. The thread sleeps in between: one that spins takes the core from what is measured.
    private static long Pace(IReadOnlyList<IMessagePublisher> publishers, int perSecond, TimeSpan duration)
    {
        var (start, count) = (Stopwatch.GetTimestamp(), 0L);
        TimeSpan elapsed;
        while ((elapsed = Stopwatch.GetElapsedTime(start)) < duration)
        {
            for (var due = (long)(elapsed.TotalSeconds * perSecond); count < due; count++) { publishers[(int)(count % publishers.Count)].Publish(); }
            Thread.Sleep(1);
        }
        foreach (var publisher in publishers) { publisher.Finish(); }
        return count;
    }

    private static async Task<int> SubscribeAsync(string[] args)
    {
        await using var clients = Of(args);
        Tally[] tallies = [.. Enumerable.Range(0, FanOut.Parse(args[1]).Subscribers).Select(static _ => new Tally())];
        await clients.SubscribeAsync(tallies, args[3]);
        Console.WriteLine("subscribed");
        while (Console.ReadLine() is { } line)
        {
            if (line.Split(' ') is ["end", var expected])
            {
                WaitForAll(tallies, long.Parse(expected, CultureInfo.InvariantCulture));
                Console.WriteLine(Figures(tallies));
                continue;
            }
            foreach (var tally in tallies) { tally.Clear(); }
            Console.WriteLine("begun");
        }
        return 0;
    }

    private static void WaitForAll(Tally[] tallies, long expected)
    {
        var (before, since) = (-1L, Stopwatch.GetTimestamp());
        while (tallies.Any(tally => tally.Count < expected) && Stopwatch.GetElapsedTime(since) < Silence)
        {
            Thread.Sleep(5);
            var now = tallies.Sum(static tally => tally.Count);
            if (now != before) { (before, since) = (now, Stopwatch.GetTimestamp()); }
        }
    }

    private static string Figures(Tally[] tallies)
    {
        var latencies = new List<long>();
        foreach (var tally in tallies) { latencies.AddRange(tally.Latencies); }
        latencies.Sort();
        return string.Create(CultureInfo.InvariantCulture,
            $"got count={tallies.Sum(static tally => tally.Count)} twice={tallies.Sum(static tally => tally.Duplicates)} last={tallies.Max(static tally => tally.Last)} p50={At(0.5):F1} p99={At(0.99):F1}");

        double At(double share) => latencies.Count == 0 ? 0 : Stopwatch.GetElapsedTime(0, latencies[(int)(latencies.Count * share)]).TotalMicroseconds;
    }

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));
}
