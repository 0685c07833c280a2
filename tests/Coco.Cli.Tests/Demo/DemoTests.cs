using System.Text.Json;
using Coco.Lab;

namespace Coco.Cli.Tests.Demo;

/// <summary><c>coco demo</c> from outside: that all it says holds, and that nothing of it is left.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cd-").FullName;
    private readonly CancellationTokenSource _limit = new(DemoProcess.Limit);

    [Fact]
    public async Task On_loopback_every_claim_holds_and_nothing_is_left()
    {
        RequireLinux();
        using var demo = new DemoProcess(_folder, "--loopback");
        Assert.True(await demo.EndAsync() == 0, $"{demo.Output}\n{demo.Error}");

        string[] steps =
        [
            "1  A network, and two who join it", "2  How alice reaches bob", "3  Messages", "4  Publish and subscribe", "5  A clip", "6  A tunnel", "7  The direct way is cut",
            "What was measured", "All of it held",
        ];
        Assert.All(steps, step => Assert.Contains(step, demo.Output));
        Assert.Contains("without routers", demo.Output);
        Assert.Contains("run `coco demo` as root", demo.Output);
        Assert.DoesNotContain('\u001b', demo.Output);
        Assert.Empty(demo.Error);
        AssertNothingIsLeft(demo);
    }

    [Fact]
    public async Task Between_two_routers_every_claim_holds_and_the_figures_are_an_object()
    {
        RequireRouters();
        using var demo = new DemoProcess(_folder, "--json");
        Assert.True(await demo.EndAsync() == 0, $"{demo.Output}\n{demo.Error}");

        using var answer = JsonDocument.Parse(demo.Output);
        Assert.Equal("namespaces", answer.RootElement.GetProperty("ground").GetString());
        var steps = answer.RootElement.GetProperty("figures").EnumerateArray().Select(static figure => figure.GetProperty("step").GetString()).Distinct();
        Assert.Equal(["network", "path", "messages", "topics", "stream", "tunnel", "cut"], steps);
        Assert.All(answer.RootElement.GetProperty("figures").EnumerateArray(), static figure => Assert.True(figure.GetProperty("value").GetDouble() > 0));
        Assert.Contains("Control plane, until it serves and hub has a token", demo.Output);
        AssertNothingIsLeft(demo);
    }

    [Fact]
    public async Task A_kept_demo_is_used_by_its_scripts_until_it_is_stopped()
    {
        RequireLinux();
        using var demo = new DemoProcess(_folder, "--loopback", "--keep");
        Assert.True(await demo.EndAsync() == 0, $"{demo.Output}\n{demo.Error}");
        var kept = Assert.Single(Directory.EnumerateDirectories(_folder, demo.Name + "-*"));
        Assert.Contains(Path.Combine(kept, "alice"), demo.Output);

        using var alice = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(Path.Combine(kept, "alice"), ["peers"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        Assert.Matches("(?m)^bob +.+ udp ", await alice.StandardOutput.ReadToEndAsync(_limit.Token));

        using var stop = new DemoProcess(_folder, "--stop");
        Assert.Equal(0, await stop.EndAsync());
        AssertNothingIsLeft(demo);
    }

    [Theory]
    [InlineData("-INT", "1  A network")]
    [InlineData("-TERM", "3  Messages")]
    public async Task An_interrupted_demo_leaves_nothing(string signal, string at)
    {
        RequireLinux();
        using var demo = new DemoProcess(_folder);
        await demo.ReadToAsync(at, _limit.Token);
        demo.Signal(signal);
        Assert.Equal((int)ExitCode.Failed, await demo.EndAsync());
        Assert.DoesNotContain("   at ", demo.Error);
        AssertNothingIsLeft(demo);
    }

    [Fact]
    public async Task A_demo_that_fails_says_why_and_leaves_nothing()
    {
        RequireLinux();
        using var demo = new DemoProcess(_folder, "--loopback");
        await demo.ReadToAsync("three daemons are up", _limit.Token);
        foreach (var process in demo.Processes(_folder)) { System.Diagnostics.Process.GetProcessById(int.Parse(Path.GetFileName(process))).Kill(); }
        Assert.NotEqual(0, await demo.EndAsync());
        Assert.StartsWith("coco: ", demo.Error);
        Assert.DoesNotContain("   at ", demo.Error);
        AssertNothingIsLeft(demo);
    }

    [Fact]
    public async Task What_a_killed_demo_left_is_ended_by_stop()
    {
        RequireLinux();
        using var demo = new DemoProcess(_folder);
        await demo.ReadToAsync("three daemons are up", _limit.Token);
        demo.Signal("-KILL");
        await demo.EndAsync();
        Assert.NotEmpty(demo.Processes(_folder));

        using var stop = new DemoProcess(_folder, "--stop");
        Assert.Equal(0, await stop.EndAsync());
        Assert.Contains("is ended", stop.Output);
        AssertNothingIsLeft(demo);
    }

    public void Dispose()
    {
        _limit.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void AssertNothingIsLeft(DemoProcess demo)
    {
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder, "coco-demo-*"));
        Assert.Empty(demo.Processes(_folder));
        Assert.Empty(demo.Namespaces());
    }

    private static void RequireLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "NOT TESTED: what is left is looked up in /proc");

    private static void RequireRouters()
    {
        RequireLinux();
        Assert.SkipWhen(LabSupport.NatReason is not null, $"NOT TESTED: {LabSupport.NatReason}");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "NOT TESTED: the demo makes routers as root only");
    }
}
