using System.Diagnostics;
using System.Diagnostics.Metrics;
using Coco.Crypto;

namespace Coco.Telemetry;

/// <summary>
/// What messages, requests and topics measure, under the names of OpenTelemetry's semantic conventions for messaging. Subjects, topics and peers have no
/// bound, so spans name them and measurements do not. Costs a look at a field each, and no memory, where nobody listens.
/// </summary>
internal static class MessagingMetrics
{
    private static readonly Counter<long> Sent =
        CocoTelemetry.Meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Messages that the app sent or published, or tried to.");

    private static readonly Counter<long> Consumed =
        CocoTelemetry.Meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Messages that were handed out to the app.");

    private static readonly Histogram<double> Operations = CocoTelemetry.Meter.CreateHistogram<double>(
        "messaging.client.operation.duration", "s", "How long sending takes: until it is stored, answered or on its way.", advice: new() { HistogramBucketBoundaries = Bounds });

    private static readonly Histogram<double> Processing = CocoTelemetry.Meter.CreateHistogram<double>(
        "messaging.process.duration", "s", "How long the app takes for a message: until it completes it, or asks for the next of a topic.", advice: new() { HistogramBucketBoundaries = Bounds });

    // Those of the conventions.
    private static double[] Bounds => [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>Whether anybody wants to know how long something takes.</summary>
    public static bool IsTimed => Operations.Enabled || Processing.Enabled || CocoTelemetry.Source.HasListeners();

    /// <summary>What a time that is measured begins with; 0 where nobody wants to know.</summary>
    public static long Begin() => IsTimed ? Math.Max(1, Stopwatch.GetTimestamp()) : 0;

    /// <summary>Messages were sent, to a destination with so many receivers.</summary>
    public static void Done(MessagingOperation operation, long begun, string destination, int count = 1, string? id = null)
    {
        if (Sent.Enabled) { Sent.Add(count, operation.Tags); }
        if (begun == 0) { return; }
        if (Operations.Enabled) { Operations.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, operation.Tags); }
        Trace(operation, ActivityKind.Producer, begun, destination, id)?.Dispose();
    }

    /// <summary>One could not be sent. Never true, so that a filter of exceptions can say so where the failure happens.</summary>
    public static bool Failed(MessagingOperation operation, long begun, string destination, Exception failure)
    {
        if (Sent.Enabled) { Sent.Add(1, [.. operation.Tags, new("error.type", TypeOf(failure))]); }
        if (begun == 0) { return false; }
        if (Operations.Enabled) { Operations.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, [.. operation.Tags, new("error.type", TypeOf(failure))]); }
        using var activity = Trace(operation, ActivityKind.Producer, begun, destination, null);
        activity?.SetTag("error.type", TypeOf(failure));
        activity.Fail(failure);
        return false;
    }

    /// <summary>A message is handed out. Answers with what <see cref="Processed"/> needs; 0 where nobody wants to know.</summary>
    public static long HandedOut(MessagingOperation operation)
    {
        if (Consumed.Enabled) { Consumed.Add(1, operation.Tags); }
        return Begin();
    }

    /// <summary>The app is done with it.</summary>
    public static void Processed(MessagingOperation operation, long begun, string destination, NodeId from, string? id = null)
    {
        if (begun == 0) { return; }
        if (Processing.Enabled) { Processing.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, operation.Tags); }
        using var activity = Trace(operation, ActivityKind.Consumer, begun, destination, id);
        activity?.SetTag("coco.peer", from.ToString());
    }

    // Made when it is over, so that it is nobody's parent by accident: an enumeration's time is not its reader's.
    private static Activity? Trace(MessagingOperation operation, ActivityKind kind, long begun, string destination, string? id)
    {
        if (!CocoTelemetry.Source.HasListeners()) { return null; }
        var start = DateTimeOffset.UtcNow - Stopwatch.GetElapsedTime(begun);
        var name = destination.Length > 0 ? $"{operation.Name} {destination}" : operation.Name;
        var activity = CocoTelemetry.Source.StartActivity(name, kind, default(ActivityContext), operation.Tags, links: null, start);
        if (destination.Length > 0) { activity?.SetTag("messaging.destination.name", destination); }
        if (id is not null) { activity?.SetTag("messaging.message.id", id); }
        return activity;
    }

    private static string TypeOf(Exception failure) => failure is CocoException { Code: var code } ? code.ToString() : failure.GetType().Name;
}
