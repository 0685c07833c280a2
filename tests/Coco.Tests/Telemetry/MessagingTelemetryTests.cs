using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Coco.Telemetry;
using Coco.Tests.Media;

namespace Coco.Tests.Telemetry;

/// <summary>
/// What a listener sees of messages, requests, topics and streams. Meters are the process's, so other tests may add to what is measured; and none is to listen
/// while it is tested that nobody does.
/// </summary>
[Collection(nameof(TelemetryTests))]
public sealed class MessagingTelemetryTests
{
    [Fact]
    public async Task Messages_requests_and_topics_are_measured_by_the_names_of_the_conventions_and_streams_by_ours()
    {
        var sums = new ConcurrentDictionary<string, double>();
        using var meters = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == CocoTelemetry.MeterName) { listener.EnableMeasurementEvents(instrument); }
            },
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
        meters.Start();
        await using (var scene = await StreamScene.StartAsync(policy: "allow subscribe # from anyone\nallow publish # from anyone\n"))
        {
            await TalkAsync(scene);
            await Assert.ThrowsAsync<CocoException>(() => scene.Ada.Messages.SendAsync(scene.Ada.Id, "to itself"u8.ToArray()));
        }

        string[] expected =
        [
            Conventional("messaging.client.sent.messages", "send", "send", "messages"), Conventional("messaging.client.operation.duration", "send", "send", "messages"),
            Conventional("messaging.client.sent.messages", "request", "send", "requests"), Conventional("messaging.client.operation.duration", "request", "send", "requests"),
            Conventional("messaging.client.sent.messages", "publish", "send", "topics"), Conventional("messaging.client.operation.duration", "publish", "send", "topics"),
            Conventional("messaging.client.sent.messages", "send", "send", "messages") + " error.type=Invalid",
            Conventional("messaging.client.consumed.messages", "process", "process", "messages"), Conventional("messaging.process.duration", "process", "process", "messages"),
            Conventional("messaging.client.consumed.messages", "process", "process", "requests"), Conventional("messaging.process.duration", "process", "process", "requests"),
            Conventional("messaging.client.consumed.messages", "process", "process", "topics"), Conventional("messaging.process.duration", "process", "process", "topics"),
            "coco.streams.objects result=published", "coco.streams.objects result=sent", "coco.streams.objects result=delivered",
            "coco.streams.io direction=to_peers", "coco.streams.io direction=from_peers", "coco.streams.latency",
            "coco.streams.active side=published", "coco.streams.active side=subscribed",
        ];
        Assert.All(expected, name => Assert.Contains(name, sums.Keys));

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = instrument.Name;
            foreach (var tag in tags) { name += $" {tag.Key}={tag.Value}"; }
            sums.AddOrUpdate(name, Math.Abs(value), (_, sum) => sum + Math.Abs(value));
        }

        static string Conventional(string instrument, string name, string type, string part) =>
            $"{instrument} messaging.system=coco messaging.operation.name={name} messaging.operation.type={type} coco.part={part}";
    }

    [Fact]
    public async Task Each_message_is_traced_where_it_is_sent_and_where_it_is_handled_by_its_id()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == CocoTelemetry.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        string ada, id;
        await using (var scene = await StreamScene.StartAsync(policy: "allow subscribe # from anyone\nallow publish # from anyone\n"))
        {
            ada = scene.Ada.Id.ToString();
            id = await TalkAsync(scene);
        }

        var (sent, handled) = (Single("send telemetry greeting", ActivityKind.Producer), Single("process telemetry greeting", ActivityKind.Consumer));
        Assert.Equal((id, id), (sent.GetTagItem("messaging.message.id"), handled.GetTagItem("messaging.message.id")));
        Assert.Equal(("coco", "telemetry greeting", ada), (handled.GetTagItem("messaging.system"), handled.GetTagItem("messaging.destination.name"), handled.GetTagItem("coco.peer")));
        Assert.InRange(handled.StartTimeUtc, sent.StartTimeUtc, DateTime.MaxValue);
        Assert.Equal(ada, Single("process telemetry question", ActivityKind.Consumer).GetTagItem("coco.peer"));
        Assert.Equal(ActivityStatusCode.Unset, Single("request telemetry question", ActivityKind.Producer).Status);
        Assert.Equal("telemetry/topic", Single("publish telemetry/topic", ActivityKind.Producer).GetTagItem("messaging.destination.name"));
        Assert.Equal(ada, Single("process telemetry/topic", ActivityKind.Consumer).GetTagItem("coco.peer"));
        var subscribed = ended.Single(one => one.OperationName == "coco stream subscribe" && one.GetTagItem("coco.peer") as string == ada);
        Assert.Equal(("telemetry", ActivityStatusCode.Unset), (subscribed.GetTagItem("coco.stream"), subscribed.Status));

        // Topics and subjects of this test have names of their own; of other tests' there may be any.
        Activity Single(string name, ActivityKind kind) =>
            ended.Single(one => one.OperationName == name && one.Kind == kind && (one.GetTagItem("coco.peer") is not string peer || peer == ada));
    }

    [Fact]
    public void Where_nobody_listens_nothing_is_allocated_for_a_message_or_an_object()
    {
        Measure(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var timed = Measure(10_000);
        Assert.Equal((0, 0), (GC.GetAllocatedBytesForCurrentThread() - before, timed));

        static long Measure(int times)
        {
            var timed = 0L;
            for (var i = 0; i < times; i++)
            {
                var begun = MessagingMetrics.Begin();
                timed |= begun;
                MessagingMetrics.Done(MessagingOperation.SendMessage, begun, "subject");
                MessagingMetrics.Done(MessagingOperation.Publish, begun, "topic");
                begun = MessagingMetrics.HandedOut(MessagingOperation.ProcessTopic);
                MessagingMetrics.Processed(MessagingOperation.ProcessTopic, begun, "topic", default);
                StreamMetrics.Published();
                StreamMetrics.Sent(1000);
                StreamMetrics.Received(1000, TimeSpan.FromMilliseconds(1));
                StreamMetrics.Delivered();
                StreamMetrics.LeftOut(1);
                StreamMetrics.Late();
            }
            return timed;
        }
    }

    /// <summary>A message, a question, a publication and a stream from Ada to Bob. Answers with the message's id.</summary>
    private static async Task<string> TalkAsync(StreamScene scene)
    {
        var sent = await scene.Ada.Messages.SendAsync(scene.Bob.Id, "hello"u8.ToArray(), new() { Subject = "telemetry greeting" }, scene.Patience);
        await foreach (var message in scene.Bob.Messages.ReceiveAsync("telemetry greeting", scene.Patience))
        {
            await message.CompleteAsync();
            break;
        }
        var asking = scene.Ada.Messages.RequestAsync(scene.Bob.Id, "telemetry question", "?"u8.ToArray(), TimeSpan.FromSeconds(60), scene.Patience);
        await foreach (var question in scene.Bob.Messages.ReceiveAsync("telemetry question", scene.Patience))
        {
            await question.ReplyAsync("!"u8.ToArray(), scene.Patience);
            break;
        }
        Assert.Equal("!"u8.ToArray(), await asking);

        await using var subscription = await scene.Bob.Topics.SubscribeAsync("telemetry/#", cancellationToken: scene.Patience);
        await scene.Ada.Topics.PublishAsync("telemetry/topic", "value"u8.ToArray(), new() { Retain = true }, scene.Patience);
        await foreach (var value in subscription.ReadAllAsync(scene.Patience))
        {
            Assert.Equal("telemetry/topic", value.Topic);
            await subscription.DisposeAsync(); // what was taken is handled when the next is asked for, or the end
        }

        await using var stream = await scene.Ada.Streams.PublishAsync("telemetry");
        var track = stream.AddTrack("data", new() { Deadline = TimeSpan.FromMinutes(1) });
        var receiving = await scene.SubscribeAsync(scene.Bob, scene.Ada, "telemetry");
        track.Write("object"u8);
        await scene.ReadAsync(receiving, 1);
        return sent.Id.ToString();
    }
}
