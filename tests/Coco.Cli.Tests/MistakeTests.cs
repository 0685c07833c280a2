using System.Net;
using System.Net.Sockets;

namespace Coco.Cli.Tests;

/// <summary>What goes wrong at a terminal: each says what happened and what to do, and none shows a stack trace.</summary>
public sealed class MistakeTests
{
    public static TheoryData<string> Commands
    {
        get
        {
            var data = new TheoryData<string>();
            using var nowhere = new StringWriter();
            Walk(Cli.Commands.CommandTree.Build(new() { Output = nowhere, Error = nowhere }), "");
            return data;

            void Walk(System.CommandLine.Command command, string path)
            {
                foreach (var child in command.Subcommands.Where(static child => !child.Hidden))
                {
                    data.Add($"{path} {child.Name}".Trim());
                    Walk(child, $"{path} {child.Name}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_helps_with_examples(string command)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(ExitCode.Ok, await CommandLine.RunAsync([.. command.Split(' '), "--help"], output, error));
        Assert.Empty(error.ToString());
        Assert.Contains("Usage:", output.ToString());
        Assert.Contains($"coco {command}", output.ToString().ReplaceLineEndings(" "));
        Assert.True(output.ToString().Contains("Examples:", StringComparison.Ordinal) || output.ToString().Contains("Commands:", StringComparison.Ordinal), $"{output}");
    }

    [Theory]
    [InlineData("staus", "Did you mean status?")]
    [InlineData("net crate home", "Did you mean create?")]
    [InlineData("net", "needs one of: create, list, leave, control")]
    [InlineData("peers --netwrok home", "Did you mean --network?")]
    [InlineData("join", "--help")]
    public async Task A_mistyped_command_gets_a_suggestion_and_ends_with_2(string line, string hint)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(ExitCode.Usage, await CommandLine.RunAsync(line.Split(' '), output, error));
        Assert.Empty(output.ToString());
        Assert.Contains(hint, error.ToString());
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("peers")]
    [InlineData("invite")]
    [InlineData("net list")]
    public async Task Without_a_daemon_it_says_how_to_start_one(string line)
    {
        await using var daemon = new TestDaemon();
        var outcome = await daemon.RunAsync(line.Split(' '));
        Assert.Equal(ExitCode.NoDaemon, outcome.Code);
        Assert.Contains("coco up", outcome.Error);
    }

    [Fact]
    public async Task A_mistyped_network_or_node_gets_a_suggestion()
    {
        await using var daemon = await TestDaemon.StartAsync();
        Assert.Contains("net create", (await daemon.RunAsync("peers")).Error);
        await daemon.DoAsync("net", "create", "home");

        var outcome = await daemon.RunAsync("peers", "--network", "hone");
        Assert.Equal(ExitCode.NotFound, outcome.Code);
        Assert.Contains("Did you mean home?", outcome.Error);
    }

    [Fact]
    public async Task Of_several_networks_one_has_to_be_named()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home");
        await daemon.DoAsync("net", "create", "work");

        var outcome = await daemon.RunAsync("peers");
        Assert.Equal(ExitCode.Failed, outcome.Code);
        Assert.Contains("--network", outcome.Error);
        Assert.Contains("home, work", outcome.Error);
        await daemon.DoAsync("peers", "--network", "work");
    }

    [Fact]
    public async Task What_is_no_ticket_is_not_tried()
    {
        await using var daemon = await TestDaemon.StartAsync();
        var outcome = await daemon.RunAsync("join", "coco1abc");
        Assert.Equal(ExitCode.Failed, outcome.Code);
        Assert.Contains("begins with coco1", outcome.Error);
    }

    [Fact]
    public async Task A_ticket_that_was_used_is_refused_with_what_to_do()
    {
        await using var laptop = await TestDaemon.StartAsync();
        await using var kitchen = await TestDaemon.StartAsync();
        await using var other = await TestDaemon.StartAsync();
        await laptop.DoAsync("net", "create", "home", "--node-name", "laptop");
        var ticket = (await laptop.DoAsync("invite")).Trim();
        await kitchen.DoAsync("join", ticket, "--node-name", "kitchen");

        var outcome = await other.RunAsync("join", ticket, "--node-name", "other");
        Assert.Equal(ExitCode.Failed, outcome.Code);
        Assert.Contains("Ask for another", outcome.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(other.Places.Networks));
    }

    [Fact]
    public async Task A_ticket_that_expired_is_refused_with_both_times_and_what_to_do()
    {
        await using var laptop = await TestDaemon.StartAsync();
        await using var kitchen = new TestDaemon { Time = new LaterTime(TimeSpan.FromDays(2)) };
        await kitchen.UpAsync();
        await laptop.DoAsync("net", "create", "home", "--node-name", "laptop");
        var ticket = (await laptop.DoAsync("invite")).Trim();

        var outcome = await kitchen.RunAsync("join", ticket);
        Assert.Equal(ExitCode.Failed, outcome.Code);
        Assert.Contains("expired at", outcome.Error);
        Assert.Contains("coco invite", outcome.Error);
    }

    [Fact]
    public async Task A_full_disk_is_said_nothing_is_lost_and_it_goes_on_once_there_is_room()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "NOT TESTED: a small disk takes root");
        await using var daemon = new TestDaemon();
        using var disk = SmallDisk.TryMount(daemon.Folder);
        Assert.SkipWhen(disk is null, "NOT TESTED: a small disk cannot be mounted here");
        await daemon.UpAsync();
        await daemon.DoAsync("net", "create", "home");
        disk.Fill();

        foreach (var command in (string[][])[["net", "create", "garden"], ["invite"], ["app", "add", "org.example.chat"], ["tunnel", "publish", "web", "80"]])
        {
            var outcome = await daemon.RunAsync(command);
            Assert.Equal(ExitCode.Failed, outcome.Code);
            Assert.Contains("full", outcome.Error);
            Assert.Contains("Free some space", outcome.Error);
        }
        Assert.Contains("full", (await daemon.RunAsync("backup", Path.Combine(daemon.Folder, "coco.backup"), "--unprotected")).Error);
        await daemon.DoAsync("status");
        disk.Empty();
        await daemon.DoAsync("invite");
        await daemon.DownAsync();
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var daemon = new TestDaemon();
        var outcome = await daemon.RunAsync("up", "--no-lan", "--listen", $"{taken.Client.LocalEndPoint}");
        Assert.Equal(ExitCode.Failed, outcome.Code);
        Assert.Contains($"{taken.Client.LocalEndPoint}", outcome.Error);
        Assert.Contains("--listen", outcome.Error);
    }

    [Fact]
    public async Task A_fault_of_coco_prints_one_line_and_the_rest_goes_to_the_log()
    {
        await using var daemon = new TestDaemon();
        Directory.CreateDirectory(daemon.Places.State);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var shell = new Shell { Output = new BrokenWriter(), Error = error, Variable = name => name == "XDG_STATE_HOME" ? Path.GetDirectoryName(daemon.Places.State) : null };

        Assert.Equal(ExitCode.Fault, await CommandLine.RunAsync(["--version"], shell));
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
        Assert.Contains(daemon.Places.LogFile, error.ToString());
        Assert.Contains("BrokenWriter", File.ReadAllText(daemon.Places.LogFile));
    }

    private sealed class BrokenWriter : TextWriter
    {
        public override System.Text.Encoding Encoding => System.Text.Encoding.UTF8;

        public override void WriteLine(string? value) => throw new InvalidOperationException("a fault for the test");
    }
}
