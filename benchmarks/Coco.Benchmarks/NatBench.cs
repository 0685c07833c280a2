using Coco.Benchmarks.Nat;
using Coco.Lab;
using Coco.Lab.Endpoints;
using Coco.Lab.Nat;

namespace Coco.Benchmarks;

/// <summary>
/// On which path do two nodes talk whose NATs are of given kinds, and how soon? Whole endpoints through the kernel's NATs, every ordered
/// pair, relay first. The caller is at home at its relays already, as a node that runs is; nothing is known of the callee but its identity
/// and its relays.
/// </summary>
internal static class NatBench
{
    // Chosen: a relay round trip of 40 ms, as within a country, beside which what the machine takes is small.
    private static readonly TimeSpan RelayDelay = TimeSpan.FromMilliseconds(10);

    private static readonly (NatKind Caller, NatKind Callee)[] WarmUp =
        [(NatKind.None, NatKind.UdpBlocked), (NatKind.UdpBlocked, NatKind.Firewall), (NatKind.PortRestricted, NatKind.PortRestricted)];

    /// <summary>Options: --json, --rounds N (default 3).</summary>
    public static int Run(string[] args)
    {
        if (LabSupport.NatReason is { } reason)
        {
            Console.Error.WriteLine($"cannot run: {reason}");
            return 1;
        }
        var isJson = BenchArguments.Has(args, "--json");
        var report = new Report("nat", isJson);
        var rounds = BenchArguments.Number(args, "--rounds", 3);
        if (LabSupport.DelayReason is { } without) { report.Progress.WriteLine($"without relay round trips: {without}"); }
        using var lab = new NatMatrixLab(new(), LabSupport.DelayReason is null ? RelayDelay : null);
        // The first calls of a process wait for the compiler, most of all those by TCP.
        RunRoundAsync(lab, WarmUp, TextWriter.Null).GetAwaiter().GetResult();
        var results = new List<NatCellResult>();
        for (var round = 1; round <= rounds; round++)
        {
            report.Progress.WriteLine($"round {round} of {rounds}");
            results.AddRange(RunRoundAsync(lab, NatMatrix.Cells, report.Progress).GetAwaiter().GetResult());
        }
        var figures = new NatFigures(results, lab.RelayRoundTrip);
        if (!isJson) { NatTable.Write(Console.Out, figures); }
        figures.AddTo(report, cells: isJson);
        return figures.AllAsExpected ? 0 : 1;
    }

    private static async Task<IReadOnlyList<NatCellResult>> RunRoundAsync(
        NatMatrixLab lab, IEnumerable<(NatKind Caller, NatKind Callee)> cells, TextWriter progress)
    {
        await using var round = await NatMatrixRound.StartAsync(lab);
        return await round.RunAsync(cells, result =>
        {
            if (!result.IsExpected || !result.IsVerdictTrue) { progress.WriteLine($"  {result}"); }
        });
    }
}
