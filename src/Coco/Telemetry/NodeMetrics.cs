using System.Diagnostics;
using System.Diagnostics.Metrics;
using Coco.Crypto;

namespace Coco.Telemetry;

/// <summary>What the nodes of a process measure as a whole.</summary>
internal static class NodeMetrics
{
    private static readonly UpDownCounter<long> Nodes = CocoTelemetry.Meter.CreateUpDownCounter<long>("coco.nodes", "{node}", "Nodes that are running.");

    private static readonly Histogram<double> Connects = CocoTelemetry.Meter.CreateHistogram<double>(
        "coco.connect.duration", "s", "How long connecting to a member takes, by result.", advice: new() { HistogramBucketBoundaries = [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2, 5, 15] });

    private static readonly KeyValuePair<string, object?> Ok = new("result", "ok");

    public static void Started() => Nodes.Add(1);

    public static void Stopped() => Nodes.Add(-1);

    /// <summary>Measures and traces a call of the app's.</summary>
    /// <param name="node">Who calls.</param>
    /// <param name="whom">Whom.</param>
    /// <param name="connect">The call.</param>
    public static async Task<NodeConnection> MeasureAsync(NodeId node, string whom, Func<Task<NodeConnection>> connect)
    {
        using var activity = CocoTelemetry.Source.StartActivity("coco connect", ActivityKind.Client);
        activity?.SetTag("coco.node", node.ToString()).SetTag("coco.peer", whom);
        var start = Stopwatch.GetTimestamp();
        try
        {
            var connection = await connect().ConfigureAwait(false);
            Connects.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, Ok);
            return connection;
        }
        catch (Exception exception) // measured, and the caller's
        {
            var result = exception is CocoException failure ? failure.Code.ToString() : "cancelled";
            Connects.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, new KeyValuePair<string, object?>("result", result));
            activity.Fail(exception);
            throw;
        }
    }
}
