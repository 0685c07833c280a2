using Coco.Lab.Nat;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Every ordered pair of kinds, with whole endpoints: by a relay first, then by the best way there is, and both sides say truly why.
/// COCO_ALL=1 takes more seeds.</summary>
public sealed class RoamingMatrixTests
{
    private static readonly int Seeds = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 40 : 2;

    [Fact]
    public void Pairs_go_the_way_the_matrix_says_in_time_and_say_why()
    {
        var cells = Enumerable.Range(0, Seeds)
            .SelectMany(static round => NatMatrix.Cells.Select((cell, index) => MatrixCell.Run((ulong)((round * 64) + index + 1), cell.Caller, cell.Callee)))
            .ToArray();
        var failures = cells.Where(static cell => cell.Failure is not null).Select(static cell => cell.ToString()).ToArray();
        Assert.True(failures.Length == 0, string.Join('\n', failures));

        Assert.All(cells, static cell => Assert.InRange(cell.RelayRoundTrips, 0.5, 4));
        var direct = Times(cells, NatOutcome.Direct);
        Assert.InRange(Share(direct, 50), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.InRange(Share(direct, 95), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        var birthday = Times(cells, NatOutcome.Birthday);
        Assert.InRange(Share(birthday, 95), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private static TimeSpan[] Times(MatrixCell[] cells, NatOutcome outcome) =>
        [.. cells.Where(cell => NatMatrix.Expected(cell.Caller, cell.Callee) == outcome).Select(static cell => cell.DirectAfter).Order()];

    private static TimeSpan Share(TimeSpan[] sorted, int percent) => sorted[sorted.Length * percent / 100];
}
