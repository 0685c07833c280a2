using System.Text.Json;

namespace Coco.Cli.Tests;

/// <summary>Messages and topics between daemons.</summary>
public sealed class MessageCommandTests
{
    [Fact]
    public async Task A_message_is_delivered_printed_and_taken_out_once()
    {
        await using var pair = await TestPair.StartAsync();
        var sent = await pair.Laptop.AskAsync("send", "kitchen", "dinner is ready", "--subject", "food", "--wait", "30s");
        Assert.Equal("delivered", sent.GetProperty("status").GetString());

        var kept = await pair.Kitchen.AskAsync("inbox", "--keep");
        Assert.Equal(("laptop", "food", "dinner is ready", false), (
            kept.GetProperty("from").GetString(), kept.GetProperty("subject").GetString(), kept.GetProperty("text").GetString(), kept.GetProperty("redelivered").GetBoolean()));
        Assert.Contains("laptop about food, shown before: dinner is ready", await pair.Kitchen.DoAsync("inbox"));
        Assert.Empty(await pair.Kitchen.DoAsync("inbox"));
    }

    [Fact]
    public async Task A_message_for_a_node_that_is_off_waits_over_a_restart_of_the_sender()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.Kitchen.DownAsync();
        await pair.Laptop.SeesAsync("kitchen", isReachable: false);
        Assert.Equal(ExitCode.Unreachable, (await pair.Laptop.RunAsync("send", "kitchen", "later", "--wait", "0.1s")).Code);
        await pair.Laptop.DownAsync();

        await pair.Laptop.UpAsync("--listen", pair.Laptop.Address);
        await pair.Kitchen.UpAsync("--listen", pair.Kitchen.Address);
        using var stop = new CancellationTokenSource();
        var output = new LineWatch("later");
        using var error = new StringWriter();
        var following = CommandLine.RunAsync(["inbox", "--follow"], pair.Kitchen.ShellTo(output, error, stop.Token));
        await output.Seen.WaitAsync(TestDaemon.Patience);
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Ok, await following.WaitAsync(TestDaemon.Patience));
    }

    [Fact]
    public async Task What_is_published_is_printed_by_subscribers_and_values_are_retained()
    {
        await using var pair = await TestPair.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(pair.Laptop.Folder, "p"), "coco policy 1\nallow publish # from anyone\nallow subscribe # from anyone\n");
        await pair.Laptop.DoAsync("policy", "set", Path.Combine(pair.Laptop.Folder, "p"));
        await pair.Laptop.DoAsync("pub", "home/kitchen/temperature", "21.5", "--retain");

        var line = (await pair.Kitchen.DoAsync("sub", "home/+/temperature", "--count", "1", "--json")).TrimEnd();
        using var message = JsonDocument.Parse(line);
        Assert.Equal(("home/kitchen/temperature", "21.5", "laptop", true), (
            message.RootElement.GetProperty("topic").GetString(), message.RootElement.GetProperty("text").GetString(),
            message.RootElement.GetProperty("publisher").GetString(), message.RootElement.GetProperty("retained").GetBoolean()));
        Assert.Equal(ExitCode.Failed, (await pair.Laptop.RunAsync("pub", "home/#", "no")).Code);
    }
}
