using System.Globalization;
using Coco.Lab.Endpoints;
using Coco.Lab.Nat;
using Coco.Transport;

namespace Coco.Benchmarks.Nat;

/// <summary>Prints the matrix: who dials down the side, whom across the top.</summary>
internal static class NatTable
{
    private const int NameWidth = 18;
    private const int CellWidth = 18;

    public static void Write(TextWriter output, NatFigures figures)
    {
        output.WriteLine("caller down, callee across: first byte in relay round trips (or ms), then ms to a direct path; medians");
        output.Write("".PadRight(NameWidth));
        foreach (var callee in NatMatrix.Kinds) { output.Write(callee.ToString().PadRight(CellWidth)); }
        output.WriteLine();
        foreach (var caller in NatMatrix.Kinds)
        {
            output.Write(caller.ToString().PadRight(NameWidth));
            foreach (var callee in NatMatrix.Kinds) { output.Write(Cell(figures, caller, callee).PadRight(CellWidth)); }
            output.WriteLine();
        }
        output.WriteLine("D direct, B direct by birthday punching, T TCP, R relay, ! not as expected");
        output.WriteLine();
    }

    private static string Cell(NatFigures figures, NatKind caller, NatKind callee)
    {
        NatCellResult[] results = [.. figures.Of(caller, callee)];
        var first = NatFigures.Median(results.Select(NatFigures.FirstByte));
        var shown = figures.RelayRoundTrip is { } trip
            ? (first / trip.TotalMilliseconds).ToString("F1", CultureInfo.InvariantCulture)
            : first.ToString("F0", CultureInfo.InvariantCulture);
        var direct = NatFigures.Median(results.Select(NatFigures.Direct));
        var time = double.IsNaN(direct) ? "" : string.Create(CultureInfo.InvariantCulture, $" {direct:F0}");
        var mark = results.All(result => result is { IsExpected: true, IsVerdictTrue: true }) ? "" : " !";
        return $"{Letter(results)} {shown}{time}{mark}";
    }

    // The worst of the rounds: what a reader may not count on is not promised.
    private static char Letter(NatCellResult[] results) => results.Max(result => result switch
    {
        { Failure: not null } or { Path: PathType.Relay or PathType.RelayWebSocket } => 3,
        { Path: PathType.Tcp } => 2,
        { Expected: NatOutcome.Birthday } => 1,
        _ => 0,
    }) switch { 0 => 'D', 1 => 'B', 2 => 'T', _ => 'R' };
}
