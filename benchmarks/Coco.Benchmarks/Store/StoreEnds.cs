using System.Diagnostics;
using System.Globalization;
using Coco.Data;

namespace Coco.Benchmarks.Store;

/// <summary>
/// Ends of a store, each a process, that do what lines of standard input say and answer each with one that begins with "done": "entries WRITERS MILLISECONDS" writes
/// entries that are durable and replicated, "fill COUNT" new ones that need not be replicated, "count COUNT" waits until so many are here, "add FILE" and "pin BLOB"
/// are Coco's.
/// </summary>
internal static class StoreEnds
{
    private const int ValueLength = 128;

    // Chosen: what is overwritten again and again is as usual as what is new.
    private const int Keys = 5_000;

    /// <summary>store-found ADDRESS FOLDER: founds a network, and prints a ticket.</summary>
    public static int Found(string[] args) => RunAsync(async () =>
    {
        var node = await Node.CreateNetworkAsync(new() { Name = "bench" }, CocoEnd.Options("left", args[0], args[1])).ConfigureAwait(false);
        Console.WriteLine($"ticket {(await node.InviteAsync().ConfigureAwait(false)).ToText()}");
        return node;
    }).GetAwaiter().GetResult();

    /// <summary>store-join ADDRESS FOLDER [TICKET]: joins, or begins again.</summary>
    public static int Join(string[] args) => RunAsync(async () =>
    {
        var options = CocoEnd.Options("right", args[0], args[1]);
        return args.Length > 2 ? await Node.JoinAsync(args[2], options).ConfigureAwait(false) : await Node.StartAsync(options).ConfigureAwait(false);
    }).GetAwaiter().GetResult();

    /// <summary>store-redis HOST PORT: a client.</summary>
    public static int Redis(string[] args)
    {
        Console.WriteLine("ready");
        ServeAsync(new RedisEnd(args[0], int.Parse(args[1], CultureInfo.InvariantCulture))).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task<int> RunAsync(Func<Task<Node>> start)
    {
        await using var node = await start().ConfigureAwait(false);
        var end = new CocoEnd(node);
        Console.WriteLine("ready");
        await ServeAsync(end).ConfigureAwait(false);
        return 0;
    }

    private static async Task ServeAsync(IStoreEnd end)
    {
        while (await Console.In.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            var words = line.Split(' ');
            var start = Stopwatch.GetTimestamp();
            var figure = words[0] switch
            {
                "entries" => $"entries={await WriteAsync(end, Number(words[1]), TimeSpan.FromMilliseconds(Number(words[2]))).ConfigureAwait(false)}",
                "fill" => $"entries={await FillAsync(end, Number(words[1])).ConfigureAwait(false)}",
                "count" => $"entries={await WaitAsync(end, Number(words[1])).ConfigureAwait(false)}",
                "add" => $"blob={await ((CocoEnd)end).Collection.AddBlobAsync(words[1]).ConfigureAwait(false)}",
                "pin" => await PinAsync(((CocoEnd)end).Collection, words[1]).ConfigureAwait(false),
                _ => throw new InvalidOperationException(line),
            };
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done {figure} wall={Stopwatch.GetElapsedTime(start).TotalSeconds:F6}"));
        }
    }

    private static async Task<int> WriteAsync(IStoreEnd end, int writers, TimeSpan time)
    {
        var (next, start, value) = (0, Stopwatch.GetTimestamp(), new byte[ValueLength]);
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(start) < time) { await end.PutAsync($"key{Interlocked.Increment(ref next) % Keys}", value, isReplicated: true).ConfigureAwait(false); }
        }))).ConfigureAwait(false);
        return next;
    }

    private static async Task<int> FillAsync(IStoreEnd end, int count)
    {
        var (next, value) = (0, new byte[ValueLength]);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= count) { await end.PutAsync($"new{number}", value, isReplicated: false).ConfigureAwait(false); }
        }))).ConfigureAwait(false);
        return count;
    }

    private static async Task<int> WaitAsync(IStoreEnd end, int count)
    {
        int here;
        while ((here = await end.CountAsync().ConfigureAwait(false)) < count) { await Task.Delay(5).ConfigureAwait(false); }
        return here;
    }

    private static async Task<string> PinAsync(DataCollection collection, string blob)
    {
        if (!BlobId.TryParse(blob, out var id)) { throw new InvalidOperationException(blob); }
        while (await collection.StatAsync(id).ConfigureAwait(false) is null) { await Task.Delay(5).ConfigureAwait(false); }
        var start = Stopwatch.GetTimestamp();
        await collection.PinAsync(id).ConfigureAwait(false);
        return string.Create(CultureInfo.InvariantCulture, $"pinned={Stopwatch.GetElapsedTime(start).TotalSeconds:F6}");
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
