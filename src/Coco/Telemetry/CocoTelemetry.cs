using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Coco.Telemetry;

/// <summary>
/// The names under which the library measures and traces, for whatever listens to <see cref="System.Diagnostics"/>: with OpenTelemetry
/// <c>AddMeter(CocoTelemetry.Meters)</c> and <c>AddSource(CocoTelemetry.SourceName)</c>. Nothing is measured as long as nobody listens.
/// </summary>
/// <remarks>Measurements name no peer, service or address: their number has no bound. Activities do, as logs do.</remarks>
public static class CocoTelemetry
{
    /// <summary>The meter of nodes: networks, connections, tunnels, messages, topics and streams.</summary>
    public const string MeterName = "Coco";

    /// <summary>The source of activities.</summary>
    public const string SourceName = "Coco";

    /// <summary>The meters of this library and of those below it, as a pattern.</summary>
    public const string Meters = "Coco*";

    internal static Meter Meter { get; } = new(MeterName, Version);

    internal static ActivitySource Source { get; } = new(SourceName, Version);

    private static string? Version => typeof(CocoTelemetry).Assembly.GetName().Version?.ToString(3);

    /// <summary>What happens to an activity that has failed.</summary>
    internal static void Fail(this Activity? activity, Exception failure) => activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
}
