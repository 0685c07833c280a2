using Coco.Lab;

namespace Coco.Scenarios.Tests;

public sealed class GroundTests
{
    [Fact]
    public void Visiting_a_namespace_leaves_no_thread_of_ours_behind()
    {
        Assert.SkipWhen(LabSupport.Reason is not null, LabSupport.Reason ?? "");
        using var space = NetNamespace.Create();
        using var socket = space.CreateUdpSocket();

        var spaces = Directory.GetDirectories("/proc/self/task").Select(task => new FileInfo($"{task}/ns/net").LinkTarget).Where(link => link is not null).Distinct();
        Assert.Single(spaces);
    }
}
