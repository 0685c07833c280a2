using System.Text.Json;

namespace Coco.Cli.Tests;

/// <summary><c>coco net control</c> and <c>coco usage</c>, with daemons and a control plane that is a process.</summary>
public sealed class NetControlCommandTests
{
    private const string Variable = "COCO_CONTROL_TOKEN";
    private const string SomeRelay = "@192.0.2.1:4433,wss://relay.example";

    private static readonly string Key = Crypto.NodeId.Read(Enumerable.Repeat((byte)9, 32).ToArray()).ToString();

    [Fact]
    public async Task A_network_is_brought_and_listed_and_its_members_meet_at_that_relay()
    {
        using var plane = await ControlPlaneProcess.StartAsync("--Relaying:Listen:0", "127.0.0.1:0");
        await using var pair = await TestPair.StartAsync();
        pair.Laptop.Set(Variable, await plane.TokenAsync("ada@example.org"));

        var brought = await pair.Laptop.DoAsync("net", "control", "register", plane.Address);
        var again = await pair.Laptop.AskAsync("net", "control", "register", plane.Address);
        var listed = await pair.Laptop.AskAsync("net", "control", "add", plane.Address);
        var seen = await pair.Kitchen.AskUntilAsync(static answer => answer.GetProperty("controlPlanes").GetArrayLength() == 1, "net", "control", "list");

        Assert.Contains($"Network home is at {plane.Address} now", brought, StringComparison.Ordinal);
        Assert.Contains("nodes 2", brought, StringComparison.Ordinal);
        Assert.Equal((false, 0, 0), (again.GetProperty("isNew").GetBoolean(), again.GetProperty("statements").GetInt32(), again.GetProperty("nodes").GetInt32()));
        var relay = Assert.Single(seen.GetProperty("controlPlanes").EnumerateArray());
        Assert.Equal(Assert.Single(listed.GetProperty("controlPlanes").EnumerateArray()).GetRawText(), relay.GetRawText());
        Assert.StartsWith("127.0.0.1:", Assert.Single(relay.GetProperty("addresses").EnumerateArray()).GetString(), StringComparison.Ordinal);
        // Both are clients of the relay, which serves them as nodes of the network: what they say to it is counted as its use.
        var network = (await pair.Laptop.AskAsync("net", "list")).GetProperty("networks")[0].GetProperty("id").GetString()!;
        var usage = await UsedAsync(pair.Laptop, network, plane.Address);
        Assert.Equal((2, "free"), (usage.GetProperty("nodes").GetInt32(), usage.GetProperty("plan").GetString()));
        Assert.Contains("CONTROL", await pair.Laptop.DoAsync("usage", network, "--control", plane.Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_new_is_brought_later_and_who_was_removed_goes()
    {
        using var plane = await ControlPlaneProcess.StartAsync();
        await using var pair = await TestPair.StartAsync();
        pair.Laptop.Set(Variable, await plane.TokenAsync("ada@example.org"));
        await pair.Laptop.DoAsync("net", "control", "register", plane.Address);

        await pair.Laptop.DoAsync("remove", "kitchen", "--yes");
        var after = await pair.Laptop.AskAsync("net", "control", "register", plane.Address);

        Assert.Equal((1, 0), (after.GetProperty("statements").GetInt32(), after.GetProperty("nodes").GetInt32()));
        var network = (await pair.Laptop.AskAsync("net", "list")).GetProperty("networks")[0].GetProperty("id").GetString()!;
        Assert.Equal(1, (await pair.Laptop.AskAsync("usage", network, "--control", plane.Address)).GetProperty("nodes").GetInt32());
    }

    [Fact]
    public async Task A_relay_alone_is_listed_once_and_taken_off_the_list()
    {
        await using var laptop = await TestDaemon.StartAsync();
        await laptop.DoAsync("net", "create", "home", "--node-name", "laptop");

        Assert.Contains("lists no control plane", await laptop.DoAsync("net", "control", "list"), StringComparison.Ordinal);
        await laptop.DoAsync("net", "control", "add", $"{Key}@192.0.2.9:1");
        Assert.Contains("192.0.2.1:4433, wss://relay.example", await laptop.DoAsync("net", "control", "add", Key + SomeRelay), StringComparison.Ordinal);
        var list = await laptop.AskAsync("net", "control", "list");
        Assert.Single(list.GetProperty("controlPlanes").EnumerateArray());
        await laptop.DoAsync("net", "control", "remove", "wss://relay.example");
        Assert.Empty((await laptop.AskAsync("net", "control", "list")).GetProperty("controlPlanes").EnumerateArray());
        var outcome = await laptop.RunAsync("net", "control", "remove", Key[..12]);
        Assert.Equal(ExitCode.NotFound, outcome.Code);
        Assert.Contains("coco net control list", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_lists_no_control_plane()
    {
        await using var pair = await TestPair.StartAsync();

        Assert.Equal(ExitCode.NotPermitted, (await pair.Kitchen.RunAsync("net", "control", "add", Key + SomeRelay)).Code);
    }

    [Fact]
    public async Task What_cannot_be_done_is_told_with_what_to_do()
    {
        using var plane = await ControlPlaneProcess.StartAsync(); // which has no relay
        await using var laptop = await TestDaemon.StartAsync();
        await laptop.DoAsync("net", "create", "home", "--node-name", "laptop");

        await RefusedAsync(ExitCode.NotPermitted, "COCO_CONTROL_TOKEN", "register", plane.Address);
        laptop.Set(Variable, "coco_st_guessed");
        var wrong = await RefusedAsync(ExitCode.NotPermitted, "token that still holds", "register", plane.Address);
        Assert.DoesNotContain("coco_st_guessed", wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("coco_st_guessed", await File.ReadAllTextAsync(laptop.Places.LogFile), StringComparison.Ordinal);
        await RefusedAsync(ExitCode.Usage, "https://", "register", "http://control.example");
        await RefusedAsync(ExitCode.NotFound, "Relaying:Listen", "add", plane.Address);
        await RefusedAsync(ExitCode.Failed, "ID@ADDRESS:PORT", "add", "nowhere");
        await RefusedAsync(ExitCode.Unreachable, "try again later", "add", "http://127.0.0.1:1");

        async Task<string> RefusedAsync(ExitCode code, string hint, params string[] arguments)
        {
            var outcome = await laptop.RunAsync(["net", "control", .. arguments]);
            Assert.True(code == outcome.Code, $"{outcome.Code}: {outcome.Error}");
            Assert.Contains(hint, outcome.Error, StringComparison.Ordinal);
            Assert.Single(outcome.Error.TrimEnd().Split('\n'));
            return outcome.Error;
        }
    }

    // A relay writes down every five seconds what was used of it.
    private static Task<JsonElement> UsedAsync(TestDaemon daemon, string network, string address) =>
        daemon.AskUntilAsync(static answer => answer.GetProperty("controlBytes").GetInt64() > 0, "usage", network, "--control", address);
}
