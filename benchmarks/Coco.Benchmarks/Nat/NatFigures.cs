using Coco.Lab.Endpoints;
using Coco.Lab.Nat;

namespace Coco.Benchmarks.Nat;

/// <summary>What the rounds of a matrix come to.</summary>
internal sealed class NatFigures(IReadOnlyList<NatCellResult> results, TimeSpan? relayRoundTrip)
{
    private readonly ILookup<(NatKind, NatKind), NatCellResult> _cells = results.ToLookup(result => (result.Caller, result.Callee));

    public TimeSpan? RelayRoundTrip => relayRoundTrip;

    /// <summary>Whether each call of each round came to the path it can have, and said the true reason.</summary>
    public bool AllAsExpected => results.All(result => result is { IsExpected: true, IsVerdictTrue: true });

    public IEnumerable<NatCellResult> Of(NatKind caller, NatKind callee) => _cells[(caller, callee)];

    /// <summary>The first byte of a call, in milliseconds.</summary>
    public static double FirstByte(NatCellResult result) => result.FirstByte.TotalMilliseconds;

    /// <summary>The time to a direct path in milliseconds; of a call that found none, not a number.</summary>
    public static double Direct(NatCellResult result) => result.Direct?.TotalMilliseconds ?? double.NaN;

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    public void AddTo(Report report, bool cells)
    {
        report.Add("calls", results.Count);
        report.Add("calls_as_expected", results.Count(result => result.IsExpected));
        report.Add("verdicts_true", results.Count(result => result.IsVerdictTrue));
        AddTimes(report, "direct", NatOutcome.Direct);
        AddTimes(report, "birthday", NatOutcome.Birthday);
        double[] firstBytes = [.. results.Where(result => result.Failure is null).Select(FirstByte)];
        AddPercentiles(report, "first_byte", "ms", firstBytes);
        if (relayRoundTrip is { } trip)
        {
            AddPercentiles(report, "first_byte", "relay_round_trips", [.. firstBytes.Select(time => time / trip.TotalMilliseconds)]);
        }
        if (!cells) { return; }
        foreach (var (caller, callee) in NatMatrix.Cells)
        {
            var name = $"{caller}_{callee}".ToLowerInvariant();
            report.Add($"first_byte_ms_{name}", Median(Of(caller, callee).Select(FirstByte)));
            if (Median(Of(caller, callee).Select(Direct)) is var direct && double.IsFinite(direct)) { report.Add($"direct_ms_{name}", direct); }
        }
    }

    // A call that found no direct path in its time counts as one that takes for ever.
    private void AddTimes(Report report, string name, NatOutcome outcome)
    {
        double[] times = [.. results.Where(result => result.Expected == outcome).Select(result => result.Direct?.TotalMilliseconds ?? double.MaxValue)];
        AddPercentiles(report, name, "ms", times);
    }

    private static void AddPercentiles(Report report, string name, string unit, double[] values)
    {
        if (values.Length == 0) { return; }
        report.Add($"{name}_{unit}_median", Percentile(values, 0.5));
        report.Add($"{name}_{unit}_p95", Percentile(values, 0.95));
        report.Add($"{name}_{unit}_max", values.Max());
    }

    // Nearest rank.
    private static double Percentile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Where(value => !double.IsNaN(value)).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
