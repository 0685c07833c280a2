using System.Diagnostics.Metrics;

namespace Coco.ControlPlane.Certificates;

/// <summary>How certificates fare: attempts by outcome (issued, failed), and how long the one of the authority is good.</summary>
internal static class CertificateMetrics
{
    private static readonly Meter Meter = new("Coco.ControlPlane", typeof(CertificateMetrics).Assembly.GetName().Version?.ToString(3));
    private static readonly Counter<long> Attempts = Meter.CreateCounter<long>("coco.control.certificates", "{attempt}", "Attempts to get a certificate of an authority, by outcome.");

    static CertificateMetrics() => Meter.CreateObservableGauge("coco.control.certificate.lifetime", Measure, "s", "Seconds for which the authority's certificate is still good; nothing where there is none.");

    /// <summary>When the authority's certificate ends; null where there is none.</summary>
    public static DateTimeOffset? Ends { get; set; }

    public static void Issued() => Count("issued");

    public static void Failed() => Count("failed");

    private static void Count(string outcome) => Attempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private static IEnumerable<Measurement<double>> Measure() => Ends is { } ends ? [new((ends - TimeProvider.System.GetUtcNow()).TotalSeconds)] : [];
}
