using System.Text.Json;

namespace Coco.Cli.Tests;

/// <summary>Logs, the doctor, completion.</summary>
public sealed class CareCommandTests
{
    [Fact]
    public async Task Logs_are_read_with_and_without_a_daemon_and_followed()
    {
        await using var daemon = new TestDaemon();
        Assert.Equal(ExitCode.NotFound, (await daemon.RunAsync("logs")).Code);
        await daemon.UpAsync();
        await daemon.DoAsync("net", "create", "home");
        var lines = (await daemon.DoAsync("logs", "--json")).TrimEnd().Split('\n').Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Contains(lines, line => line.GetProperty("id").GetInt32() == 1600);
        Assert.Single((await daemon.DoAsync("logs", "--lines", "1")).TrimEnd().Split('\n'));
        Assert.Empty(await daemon.DoAsync("logs", "--errors"));

        using var stop = new CancellationTokenSource();
        var output = new LineWatch("is in network garden");
        using var error = new StringWriter();
        var following = CommandLine.RunAsync(["logs", "--follow", "--lines", "0"], daemon.ShellTo(output, error, stop.Token));
        await daemon.DoAsync("net", "create", "garden");
        await output.Seen.WaitAsync(TestDaemon.Patience);
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Ok, await following.WaitAsync(TestDaemon.Patience));
    }

    [Fact]
    public async Task The_doctor_finds_a_dead_daemon_and_an_open_folder()
    {
        if (OperatingSystem.IsWindows()) { return; }
        await using var daemon = await TestDaemon.StartAsync();
        Assert.Equal(ExitCode.Ok, (await daemon.RunAsync("doctor")).Code);

        await daemon.DownAsync();
        File.SetUnixFileMode(daemon.Places.State, File.GetUnixFileMode(daemon.Places.State) | UnixFileMode.OtherRead);
        var outcome = await daemon.RunAsync("doctor", "--json");
        Assert.Equal(ExitCode.Failed, outcome.Code);
        using var report = JsonDocument.Parse(outcome.Output);
        var ill = report.RootElement.GetProperty("findings").EnumerateArray().Where(one => !one.GetProperty("well").GetBoolean()).Select(one => one.GetProperty("check").GetString());
        Assert.Equal(["state", "daemon"], ill);
        Assert.Contains("chmod 700", outcome.Output);
    }

    [Fact]
    public async Task Completion_knows_commands_options_and_names()
    {
        await using var pair = await TestPair.StartAsync();
        foreach (var shell in (string[])["bash", "zsh", "fish"]) { Assert.Contains("coco complete", await pair.Laptop.DoAsync("completion", shell)); }

        Assert.Equal(["create"], await CompleteAsync(pair.Laptop, "coco net cr"));
        Assert.Contains("--expires", await CompleteAsync(pair.Laptop, "coco invite --"));
        Assert.Equal(["kitchen"], await CompleteAsync(pair.Laptop, "coco ping ki"));
        Assert.Contains("home", await CompleteAsync(pair.Laptop, "coco peers --network "));
        await pair.Laptop.DownAsync();
        Assert.Empty(await CompleteAsync(pair.Laptop, "coco ping ki"));
    }

    private static async Task<string[]> CompleteAsync(TestDaemon daemon, string line) =>
        (await daemon.DoAsync("complete", $"{line.Length}", line)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
