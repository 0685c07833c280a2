using Spectre.Console;

namespace Coco.Cli.Tests;

/// <summary>Entries and blobs between daemons.</summary>
public sealed class StoreCommandTests
{
    [Fact]
    public async Task Entries_are_put_got_listed_watched_and_deleted()
    {
        await using var pair = await TestPair.StartAsync();
        await AllowAsync(pair);
        await pair.Kitchen.DoAsync("store", "list", "--shared", "-c", "board"); // opens it there
        await pair.Laptop.DoAsync("store", "put", "shopping/milk", "2", "--shared", "-c", "board", "--replicas", "1");
        await pair.Laptop.DoAsync("store", "put", "note", "mine");

        Assert.Equal("2", (await pair.Kitchen.DoAsync("store", "get", "shopping/milk", "--shared", "-c", "board")).TrimEnd());
        var entry = await pair.Kitchen.AskAsync("store", "list", "shopping/", "--shared", "-c", "board");
        Assert.Equal(("shopping/milk", "2", "laptop"), (entry.GetProperty("key").GetString(), entry.GetProperty("text").GetString(), entry.GetProperty("writer").GetString()));
        Assert.Equal(ExitCode.NotFound, (await pair.Kitchen.RunAsync("store", "get", "note")).Code); // the user's own, of another user
        using var stop = new CancellationTokenSource();
        var (output, both) = (new LineWatch("shopping/milk was deleted"), new LineWatch("shopping/milk 3"));
        using var error = new StringWriter();
        var watching = CommandLine.RunAsync(["store", "watch", "--shared", "-c", "board"], pair.Laptop.ShellTo(output, error, stop.Token));
        var alsoWatching = CommandLine.RunAsync(["store", "watch", "shopping/", "--shared", "-c", "board"], pair.Laptop.ShellTo(both, error, stop.Token));
        while (!both.Seen.IsCompleted)
        {
            await pair.Kitchen.DoAsync("store", "put", "shopping/milk", "3", "--shared", "-c", "board");
            await Task.WhenAny(both.Seen, Task.Delay(200, stop.Token)); // the watcher may not be there at once
        }
        await pair.Kitchen.DoAsync("store", "delete", "shopping/milk", "--shared", "-c", "board");
        await output.Seen.WaitAsync(TestDaemon.Patience);
        await stop.CancelAsync();
        Assert.Equal([ExitCode.Ok, ExitCode.Ok], await Task.WhenAll(watching, alsoWatching).WaitAsync(TestDaemon.Patience));
        Assert.Equal(ExitCode.NotFound, (await pair.Kitchen.RunAsync("store", "delete", "shopping/milk", "--shared", "-c", "board")).Code);
    }

    [Fact]
    public async Task A_blob_goes_in_at_one_node_and_out_at_another()
    {
        await using var pair = await TestPair.StartAsync();
        await AllowAsync(pair);
        var (source, target) = (Path.Combine(pair.Laptop.Folder, "source"), Path.Combine(pair.Kitchen.Folder, "target"));
        var content = new byte[300_000];
        new Random(5).NextBytes(content);
        await File.WriteAllBytesAsync(source, content);
        await pair.Kitchen.DoAsync("store", "list", "--shared", "-c", "board");
        var blob = (await pair.Laptop.DoAsync("blob", "add", source, "--shared", "-c", "board")).TrimEnd();
        Assert.Equal(64, blob.Length);

        await pair.Kitchen.DoAsync("blob", "get", blob, target, "--shared", "-c", "board");

        Assert.Equal(content, await File.ReadAllBytesAsync(target));
        Assert.False(File.Exists(target + ".coco-part"));
        var view = await pair.Laptop.AskAsync("blob", "add", source, "--shared", "-c", "board");
        Assert.Equal((blob, 300_000, true), (view.GetProperty("blob").GetString(), view.GetProperty("through").GetInt32(), view.GetProperty("done").GetBoolean()));
        var again = await pair.Kitchen.RunAsync("blob", "get", blob, target, "--shared", "-c", "board");
        Assert.Equal(ExitCode.Failed, again.Code);
        Assert.Equal(ExitCode.Failed, (await pair.Kitchen.RunAsync("blob", "get", "nonsense", target + "2", "--shared", "-c", "board")).Code);
    }

    [Fact]
    public async Task At_a_terminal_a_bar_shows_how_far_a_blob_is()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home");
        var source = Path.Combine(daemon.Folder, "clip.mp4");
        await File.WriteAllBytesAsync(source, new byte[2_000_000]);
        var (seen, blob) = await AtTerminalAsync(daemon, "blob", "add", source);
        Assert.Contains("clip.mp4", seen, StringComparison.Ordinal);
        Assert.Contains("100%", seen, StringComparison.Ordinal);

        (seen, _) = await AtTerminalAsync(daemon, "blob", "get", blob.TrimEnd(), Path.Combine(daemon.Folder, "copy.mp4"));

        Assert.Contains("copy.mp4", seen, StringComparison.Ordinal);
        Assert.Contains("100%", seen, StringComparison.Ordinal);
    }

    private static async Task<(string Seen, string Printed)> AtTerminalAsync(TestDaemon daemon, params string[] arguments)
    {
        using var output = new StringWriter();
        using var terminal = new StringWriter();
        var notes = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(terminal), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes });
        notes.Profile.Width = 200;
        Assert.Equal(ExitCode.Ok, await CommandLine.RunAsync(arguments, daemon.ShellTo(output, output, CancellationToken.None, notes: notes)));
        return (terminal.ToString(), output.ToString());
    }

    private static async Task AllowAsync(TestPair pair)
    {
        var policy = Path.Combine(pair.Laptop.Folder, "p");
        await File.WriteAllTextAsync(policy, "coco policy 1\nallow publish $coco/store/board from anyone\nallow subscribe $coco/store/board from anyone\n");
        await pair.Laptop.DoAsync("policy", "set", policy);
        await pair.Kitchen.AskUntilAsync(static answer => answer.GetProperty("policy").GetString()!.Contains("store/board", StringComparison.Ordinal), "policy", "show");
    }
}
