using System.Buffers.Binary;
using System.Diagnostics;
using Coco.Cli.Api;

namespace Coco.Cli.Demo;

/// <summary>Publishing to topics: how soon one message arrives, and how many in a second.</summary>
internal static class TopicStep
{
    private const string Topic = "demo/count";
    private const int Singles = 40;
    private const int Many = 4_000;
    private const int AtOnce = 8; // questions to the daemon under way

    public static async Task RunAsync(DemoStage stage, CancellationToken stopping)
    {
        var tale = stage.Tale;
        tale.Heading("topics", "Publish and subscribe, with no broker in the middle");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        ending.CancelAfter(DemoStage.Patience);
        tale.Command(stage.Bob, "coco sub 'demo/#'");
        await using var arriving = stage.Bob.Daemon.LinesAsync<SubscribeWish, TopicView>("/v1/topics/subscribe", new("demo/#"), ending.Token).GetAsyncEnumerator(ending.Token);
        try
        {
            await tale.DuringAsync("Waiting for the subscription to get around", SubscribeAsync(stage, arriving, ending.Token));
            await SinglesAsync(stage, arriving, ending.Token);
            tale.Command(stage.Alice, $"coco pub {Topic} …   # {DemoTale.Number(Many)} times, {AtOnce} at once");
            var (arrived, missed, seconds) = await tale.DuringAsync("Publishing", ManyAsync(stage, arriving, ending.Token));
            DemoTale.Require(arrived >= Many / 2, $"only {arrived} of {Many} messages arrived");
            var told = missed > 0 ? $", and bob was told that he missed {DemoTale.Number(missed)}" : "";
            tale.Found($"{DemoTale.Number(arrived)} of {DemoTale.Number(Many)} arrived, none twice{told}: {DemoTale.Number(arrived / seconds)} a second");
            tale.Figure("Published messages that arrive, in a second", arrived / seconds, "messages/s", $"{DemoTale.Number(arrived / seconds)} a second");
            tale.Figure("Published messages that arrive", arrived, "messages");
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            DemoTale.Require(holds: false, "what alice published did not all get to bob");
        }
    }

    // Bob's interest takes a moment to get to alice: what she publishes before goes nowhere.
    private static async Task SubscribeAsync(DemoStage stage, IAsyncEnumerator<TopicView> arriving, CancellationToken stopping)
    {
        var first = arriving.MoveNextAsync().AsTask();
        while (!first.IsCompleted)
        {
            await PublishAsync(stage, -1, stopping);
            await Task.WhenAny(first, Task.Delay(100, stopping));
        }
        DemoTale.Require(await first, "bob's subscription ended");
    }

    private static async Task SinglesAsync(DemoStage stage, IAsyncEnumerator<TopicView> arriving, CancellationToken stopping)
    {
        stage.Tale.Command(stage.Alice, $"coco pub {Topic} 1   # and so on, one after the other");
        var times = new List<double>();
        for (var number = 0; number < Singles; number++)
        {
            var begin = Stopwatch.GetTimestamp();
            var publishing = PublishAsync(stage, number, stopping);
            while (NumberOf(arriving.Current) != number) { DemoTale.Require(await arriving.MoveNextAsync(), "bob's subscription ended"); }
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            await publishing;
        }
        times.Sort();
        stage.Tale.Found($"from alice's command to bob's output: {DemoTale.Time(times[Singles / 2])} (middle of {Singles}; most {DemoTale.Time(times[^1])})");
        stage.Tale.Figure("Publish to subscriber, one message", times[Singles / 2], "ms", DemoTale.Time(times[Singles / 2]));
    }

    private static async Task<(int Arrived, long Missed, double Seconds)> ManyAsync(DemoStage stage, IAsyncEnumerator<TopicView> arriving, CancellationToken stopping)
    {
        var begin = Stopwatch.GetTimestamp();
        var next = Singles - 1;
        var publishing = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number < Singles + Many) { await PublishAsync(stage, number, stopping); }
        }));
        var (arrived, missed) = (0, 0L);
        var seen = new HashSet<int>();
        while (arrived + missed < Many)
        {
            DemoTale.Require(await arriving.MoveNextAsync(), "bob's subscription ended");
            missed += arriving.Current.Missed;
            if (NumberOf(arriving.Current) < Singles) { continue; }
            DemoTale.Require(seen.Add(NumberOf(arriving.Current)), "a message arrived twice");
            arrived++;
        }
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await publishing;
        return (arrived, missed, seconds);
    }

    private static Task<Done> PublishAsync(DemoStage stage, int number, CancellationToken stopping)
    {
        var data = new byte[100];
        BinaryPrimitives.WriteInt32BigEndian(data, number);
        return stage.Alice.Daemon.PostAsync<PublishWish, Done>("/v1/topics", new() { Topic = Topic, Data = data }, stopping);
    }

    private static int NumberOf(TopicView message) => BinaryPrimitives.ReadInt32BigEndian(message.Data);
}
