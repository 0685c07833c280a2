namespace Coco.Cli.Tests;

/// <summary>Daemons on loopback, and the commands that use them.</summary>
public sealed class DaemonTests
{
    [Fact]
    public async Task Two_daemons_found_and_join_a_network_and_see_each_other()
    {
        await using var laptop = await TestDaemon.StartAsync();
        await using var kitchen = await TestDaemon.StartAsync();

        var made = await laptop.AskAsync("net", "create", "home", "--node-name", "laptop");
        Assert.NotEmpty(made.GetProperty("recoveryKey").GetString()!);
        await laptop.InviteAsync(kitchen, "kitchen");

        var peers = await laptop.AskUntilAsync(answer => answer.GetProperty("peers").GetArrayLength() == 1 && answer.GetProperty("peers")[0].GetProperty("reachable").GetBoolean(), "peers");
        Assert.Equal("kitchen", peers.GetProperty("peers")[0].GetProperty("name").GetString());
        Assert.Contains("laptop", await kitchen.DoAsync("peers"));
        var status = await kitchen.AskAsync("status");
        var network = Assert.Single(status.GetProperty("networks").EnumerateArray());
        Assert.Equal(("home", "guest", "running"), (network.GetProperty("name").GetString(), network.GetProperty("role").GetString(), network.GetProperty("state").GetString()));
    }

    [Theory]
    [InlineData("--no-forward")]
    [InlineData("--class", "portable")]
    public async Task A_daemon_that_is_not_to_pass_on_what_others_send_says_so_until_it_is_started_otherwise(params string[] options)
    {
        await using var laptop = await TestDaemon.StartAsync();
        await using var kitchen = await TestDaemon.StartAsync(options);
        await laptop.DoAsync("net", "create", "home", "--node-name", "laptop");
        Assert.Equal("laptop (this node)\n", await laptop.DoAsync("graph"));
        await laptop.InviteAsync(kitchen, "kitchen");

        await laptop.AskUntilAsync(answer => Forwards(answer, "kitchen") == false && answer.GetProperty("links").GetArrayLength() == 1, "graph");
        Assert.True(Forwards(await laptop.AskAsync("graph"), "laptop"));
        Assert.Matches(@"^laptop \(this node\)\n└─ kitchen  [\d.]+ ms  passes nothing on\n$", await laptop.DoAsync("graph"));
        Assert.StartsWith("kitchen (this node, passes nothing on)\n", await kitchen.DoAsync("graph"));

        await kitchen.DownAsync();
        await kitchen.UpAsync("--class", "backbone");
        await laptop.AskUntilAsync(answer => Forwards(answer, "kitchen") == true, "graph");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_clock_is_believed_unless_the_daemon_is_told_not_to(bool isBelieved)
    {
        var ahead = TimeSpan.FromHours(10); // and yet the ticket to join by, which is good for a day, has not expired by it
        await using var laptop = await TestDaemon.StartAsync();
        await using var kitchen = new TestDaemon { Time = new LaterTime(ahead) };
        await kitchen.UpAsync(isBelieved ? [] : ["--no-clock"]);
        await laptop.DoAsync("net", "create", "home", "--node-name", "laptop");
        await laptop.InviteAsync(kitchen, "kitchen", "--role", "admin");
        await kitchen.SeesAsync("laptop");

        // A ticket's time begins with what its maker takes for the present.
        var ticket = await kitchen.AskAsync("invite", "--expires", "1h");
        var begins = ticket.GetProperty("expires").GetDateTimeOffset() - TimeSpan.FromHours(1) - DateTimeOffset.UtcNow;
        Assert.InRange(begins, (isBelieved ? ahead : TimeSpan.Zero) - TestDaemon.Patience, (isBelieved ? ahead : TimeSpan.Zero) + TestDaemon.Patience);
    }

    [Fact]
    public async Task A_class_that_there_is_not_is_refused_and_those_that_there_are_are_named()
    {
        await using var daemon = new TestDaemon();
        var outcome = await daemon.RunAsync("up", "--class", "toaster");
        Assert.Equal(ExitCode.Usage, outcome.Code);
        Assert.Contains("backbone, stationary or portable", outcome.Error);
    }

    private static bool? Forwards(System.Text.Json.JsonElement graph, string node) =>
        graph.GetProperty("nodes").EnumerateArray().Where(one => one.GetProperty("name").GetString() == node)
            .Select(static one => one.GetProperty("forwards") is { ValueKind: not System.Text.Json.JsonValueKind.Null } said ? said.GetBoolean() : (bool?)null).FirstOrDefault();

    [Fact]
    public async Task Networks_are_there_again_after_a_restart()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home", "--node-name", "laptop");
        var before = await daemon.AskAsync("net", "list");

        await daemon.DownAsync();
        Assert.Equal(ExitCode.NoDaemon, (await daemon.RunAsync("status")).Code);
        await daemon.UpAsync();

        var after = await daemon.AskAsync("net", "list");
        Assert.Equal(before.ToString(), after.ToString());
    }

    [Fact]
    public async Task Down_ends_the_daemon()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("down");
        await daemon.DownAsync();
        Assert.False(File.Exists(daemon.Places.Socket));
    }

    [Fact]
    public async Task Leaving_asks_first_and_forgets_the_keys()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home");

        var refused = await daemon.RunAsync("net", "leave", "home");
        Assert.Equal(ExitCode.Usage, refused.Code);
        Assert.Contains("--yes", refused.Error);

        await daemon.DoAsync("net", "leave", "home", "--yes");
        Assert.Empty((await daemon.AskAsync("net", "list")).GetProperty("networks").EnumerateArray());
        Assert.Empty(Directory.EnumerateFileSystemEntries(daemon.Places.Networks));
    }

    [Fact]
    public async Task An_app_reaches_its_own_nodes_only()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home", "--node-name", "laptop");
        var token = (await daemon.DoAsync("app", "add", "org.example.chat")).Trim();
        var ticket = (await daemon.DoAsync("invite")).Trim();

        daemon.Set("COCO_TOKEN", token);
        Assert.Equal(ExitCode.NotFound, (await daemon.RunAsync("peers", "--network", "home")).Code);
        await daemon.DoAsync("join", ticket, "--node-name", "chat");
        var networks = (await daemon.AskAsync("status")).GetProperty("networks");
        var own = Assert.Single(networks.EnumerateArray());
        Assert.Equal(("chat", "org.example.chat"), (own.GetProperty("nodeName").GetString(), own.GetProperty("app").GetString()));
        foreach (var forbidden in (string[][])[["app", "list"], ["app", "add", "org.example.other"], ["down"]])
        {
            Assert.Equal(ExitCode.NotPermitted, (await daemon.RunAsync(forbidden)).Code);
        }

        daemon.Set("COCO_TOKEN", "0123456789abcdef");
        Assert.Equal(ExitCode.NotPermitted, (await daemon.RunAsync("status")).Code);
        daemon.Set("COCO_TOKEN", null);
        Assert.Equal("laptop", (await daemon.AskAsync("net", "list")).GetProperty("networks")[0].GetProperty("nodeName").GetString());
        await daemon.DoAsync("app", "remove", "org.example.chat");
        daemon.Set("COCO_TOKEN", token);
        Assert.Equal(ExitCode.NotPermitted, (await daemon.RunAsync("status")).Code);
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_folders_is_refused_by_name()
    {
        await using var daemon = await TestDaemon.StartAsync();
        var second = await daemon.RunAsync("up", "--no-lan", "--listen", "127.0.0.1:0");
        Assert.Equal(ExitCode.Failed, second.Code);
        Assert.Contains($"up already, as process {Environment.ProcessId}", second.Error);
        await daemon.DoAsync("status");
    }

    [Fact]
    public async Task Folders_and_files_are_the_owners_alone()
    {
        if (OperatingSystem.IsWindows()) { return; }
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home");
        await daemon.DoAsync("app", "add", "org.example.chat");

        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        foreach (var path in (string[])[daemon.Places.State, daemon.Places.Runtime, daemon.Places.Networks, daemon.Places.Socket, daemon.Places.KeyFile, daemon.Places.AppsFile, daemon.Places.LogFile])
        {
            Assert.True((File.GetUnixFileMode(path) & Others) == 0, path);
        }
    }
}
