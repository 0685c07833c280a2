using System.Diagnostics;
using System.Diagnostics.Metrics;
using Coco.Crypto;

namespace Coco.Telemetry;

/// <summary>What live streams measure. The conventions for messaging have no words for what is dropped when it is late.</summary>
internal static class StreamMetrics
{
    private static readonly Counter<long> Objects = CocoTelemetry.Meter.CreateCounter<long>(
        "coco.streams.objects", "{object}", "Objects by what became of them: published, sent, delivered, left out by a sender, or late at a subscriber.");

    private static readonly Counter<long> Bytes =
        CocoTelemetry.Meter.CreateCounter<long>("coco.streams.io", "By", "Bytes of objects, by direction.");

    private static readonly Histogram<double> Latency = CocoTelemetry.Meter.CreateHistogram<double>(
        "coco.streams.latency", "s", "How old objects were when they arrived, as far as clocks can be compared.",
        advice: new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 10] });

    private static readonly UpDownCounter<long> Active =
        CocoTelemetry.Meter.CreateUpDownCounter<long>("coco.streams.active", "{stream}", "Streams that are published, and subscriptions.");

    private static readonly Counter<long> Forged =
        CocoTelemetry.Meter.CreateCounter<long>("coco.streams.forged_sources", "{source}", "Nodes that passed on what is not the producer's, and were left.");

    private static readonly KeyValuePair<string, object?> IsPublished = new("result", "published");
    private static readonly KeyValuePair<string, object?> IsSent = new("result", "sent");
    private static readonly KeyValuePair<string, object?> IsDelivered = new("result", "delivered");
    private static readonly KeyValuePair<string, object?> IsLeftOut = new("result", "left_out");
    private static readonly KeyValuePair<string, object?> IsLate = new("result", "late");
    private static readonly KeyValuePair<string, object?> ToPeers = new("direction", "to_peers");
    private static readonly KeyValuePair<string, object?> FromPeers = new("direction", "from_peers");
    private static readonly KeyValuePair<string, object?> Producer = new("side", "published");
    private static readonly KeyValuePair<string, object?> Consumer = new("side", "subscribed");

    public static void Published() => Objects.Add(1, IsPublished);

    public static void Sent(int bytes)
    {
        Objects.Add(1, IsSent);
        Bytes.Add(bytes, ToPeers);
    }

    public static void Received(int bytes, TimeSpan latency)
    {
        Bytes.Add(bytes, FromPeers);
        if (latency > TimeSpan.Zero) { Latency.Record(latency.TotalSeconds); }
    }

    public static void Delivered() => Objects.Add(1, IsDelivered);

    public static void LeftOut(long count) => Objects.Add(count, IsLeftOut);

    public static void Late(long count = 1) => Objects.Add(count, IsLate);

    public static void LeftForger() => Forged.Add(1);

    public static void Began(bool isProducer) => Active.Add(1, isProducer ? Producer : Consumer);

    public static void Ended(bool isProducer) => Active.Add(-1, isProducer ? Producer : Consumer);

    /// <summary>Traces a subscription from the question to the first answer.</summary>
    public static Activity? Trace(NodeId producer, string name) => CocoTelemetry.Source.HasListeners()
        ? CocoTelemetry.Source.StartActivity("coco stream subscribe", ActivityKind.Client)?.SetTag("coco.peer", producer.ToString()).SetTag("coco.stream", name)
        : null;
}
