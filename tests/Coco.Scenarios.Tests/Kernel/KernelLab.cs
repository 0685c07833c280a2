using Coco.Lab;
using Coco.Lab.Kernel;

namespace Coco.Scenarios.Tests.Kernel;

internal static class KernelLab
{
    /// <summary>A kernel lab; where there can be none the test is skipped with the reason, or fails where CI is set.</summary>
    public static KernelInternet Create()
    {
        Assert.False(LabSupport.NatReason is not null && LabSupport.MustRun, LabSupport.NatReason);
        Assert.SkipWhen(LabSupport.NatReason is not null, LabSupport.NatReason ?? "");
        return new();
    }
}
