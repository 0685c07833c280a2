using System.Diagnostics.Metrics;

namespace Coco.ControlPlane.Mails;

/// <summary>How mail fares, by outcome: sent, failed (and tried again), given_up, refused, dropped.</summary>
internal static class MailMetrics
{
    public const string MeterName = "Coco.ControlPlane";

    private static readonly Meter Meter = new(MeterName, typeof(MailMetrics).Assembly.GetName().Version?.ToString(3));
    private static readonly Counter<long> Mails = Meter.CreateCounter<long>("coco.control.mails", "{mail}", "Attempts to send mail, and mails that were given up, refused for good or dropped, by outcome.");

    public static void Sent() => Count("sent");

    public static void Failed() => Count("failed");

    public static void GivenUp() => Count("given_up");

    public static void Refused() => Count("refused");

    public static void Dropped() => Count("dropped");

    private static void Count(string outcome) => Mails.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
