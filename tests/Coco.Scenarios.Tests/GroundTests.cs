using Coco.Lab;
using Coco.Scenarios.Tests.Kernel;

namespace Coco.Scenarios.Tests;

public sealed class GroundTests
{
    [Fact]
    public async Task Visiting_a_namespace_leaves_no_thread_of_ours_behind()
    {
        Assert.SkipWhen(LabSupport.Reason is not null, LabSupport.Reason ?? "");
        using var space = NetNamespace.Create();
        using var socket = space.CreateUdpSocket();

        await OwnThreads.AssertNoneStaysAsync([space]);
    }
}
