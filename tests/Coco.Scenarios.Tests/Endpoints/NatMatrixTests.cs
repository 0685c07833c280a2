using Coco.Lab;
using Coco.Lab.Endpoints;
using Coco.Lab.Nat;
using Coco.Scenarios.Tests.Kernel;

namespace Coco.Scenarios.Tests.Endpoints;

/// <summary>Whole endpoints through the kernel's NATs: every ordered pair of kinds, relay first.</summary>
public sealed class NatMatrixTests
{
    // Some 160 ms on an idle machine. What is measured on one that does nothing else, ./bench nat says.
    private static readonly TimeSpan FirstBytePatience = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Every_cell_of_the_matrix_comes_to_the_path_it_can_have_and_says_why()
    {
        using var internet = KernelLab.Create();
        using var lab = new NatMatrixLab(internet, LabSupport.DelayReason is null ? TimeSpan.FromMilliseconds(10) : null);
        await using var round = await NatMatrixRound.StartAsync(lab);

        var results = await round.RunAsync(NatMatrix.Cells, result => TestContext.Current.SendDiagnosticMessage(result.ToString()));

        Assert.Equal(64, results.Count);
        string[] broken = [.. results.Where(result => !result.IsExpected || !result.IsVerdictTrue || result.FirstByte > FirstBytePatience).Select(result => result.ToString())];
        Assert.Empty(broken);
    }
}
