using Coco.Lab;
using Coco.Lab.Kernel;

namespace Coco.Scenarios.Tests.Kernel;

internal static class KernelLab
{
    /// <summary>A kernel lab; where there can be none the test is skipped with the reason, or fails where CI is set.</summary>
    public static KernelInternet Create() => CreateUnless(LabSupport.NatReason);

    /// <summary>The same, for labs with lines that take time.</summary>
    public static KernelInternet CreateForDelays() => CreateUnless(LabSupport.DelayReason);

    private static KernelInternet CreateUnless(string? reason)
    {
        Assert.False(reason is not null && LabSupport.MustRun, reason);
        Assert.SkipWhen(reason is not null, reason ?? "");
        return new();
    }
}
