namespace Coco.Cli.Tests;

/// <summary>Roles, grants, the policy, removal.</summary>
public sealed class RightCommandTests
{
    [Fact]
    public async Task A_role_is_given_and_shown_everywhere()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.Laptop.DoAsync("grant", "role", "kitchen", "admin");
        await pair.Kitchen.AskUntilAsync(answer => answer.GetProperty("networks")[0].GetProperty("role").GetString() == "admin", "status");

        await pair.Kitchen.DoAsync("invite", "--role", "guest");
        Assert.Contains("owner", (await pair.Kitchen.RunAsync("grant", "role", "laptop", "guest")).Error);
        Assert.Contains("Did you mean admin?", (await pair.Laptop.RunAsync("grant", "role", "kitchen", "amdin")).Error);
    }

    [Fact]
    public async Task A_guest_may_not_invite_and_is_told_so()
    {
        await using var pair = await TestPair.StartAsync();
        Assert.Equal(ExitCode.NotPermitted, (await pair.Kitchen.RunAsync("invite")).Code);
    }

    [Fact]
    public async Task A_right_is_granted_listed_and_taken_back()
    {
        await using var pair = await TestPair.StartAsync();
        var grant = await pair.Laptop.AskAsync("grant", "resource", "kitchen", "home/door/front", "--action", "open", "--until", "7d");
        var id = grant.GetProperty("id").GetString()!;
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, grant.GetProperty("until").ValueKind);

        await pair.Kitchen.AskUntilAsync(answer => answer.GetProperty("grants").GetArrayLength() == 1, "grant", "list");
        Assert.Equal(ExitCode.NotFound, (await pair.Laptop.RunAsync("revoke", "0000000000000000")).Code);
        await pair.Laptop.DoAsync("revoke", id);
        Assert.DoesNotContain(id, await pair.Laptop.DoAsync("grant", "list"));
    }

    [Fact]
    public async Task A_ticket_that_was_taken_back_is_refused()
    {
        await using var pair = await TestPair.StartAsync();
        await using var other = await TestDaemon.StartAsync();
        var ticket = await pair.Laptop.AskAsync("invite");
        await pair.Laptop.DoAsync("revoke", ticket.GetProperty("id").GetString()!);

        var outcome = await other.RunAsync("join", ticket.GetProperty("ticket").GetString()!, "--node-name", "other");
        Assert.Equal(ExitCode.Failed, outcome.Code);
        Assert.Contains("taken back", outcome.Error);
    }

    [Fact]
    public async Task A_node_that_was_removed_is_told_what_to_do()
    {
        await using var pair = await TestPair.StartAsync();
        Assert.Equal(ExitCode.Usage, (await pair.Laptop.RunAsync("remove", "kitchen")).Code);
        await pair.Laptop.DoAsync("remove", "kitchen", "--yes");

        await pair.Kitchen.AskUntilAsync(answer => answer.GetProperty("networks")[0].GetProperty("state").GetString() == "removed", "status");
        var outcome = await pair.Kitchen.RunAsync("peers");
        Assert.Equal(ExitCode.NotPermitted, outcome.Code);
        Assert.Contains("coco net leave home --yes", outcome.Error);
        await pair.Kitchen.DoAsync("net", "leave", "home", "--yes");
        Assert.Equal(ExitCode.NotFound, (await pair.Laptop.RunAsync("ping", "kitchen", "-c", "1")).Code);
    }

    [Fact]
    public async Task The_policy_is_set_and_decides_who_sees_a_service()
    {
        await using var pair = await TestPair.StartAsync();
        await pair.Laptop.DoAsync("tunnel", "publish", "web", "8080");
        Assert.DoesNotContain("web", await pair.Kitchen.DoAsync("tunnel", "list", "laptop"));

        var file = Path.Combine(pair.Laptop.Folder, "home.policy");
        await File.WriteAllTextAsync(file, "coco policy 1\nallow service web from anyone\n");
        await pair.Laptop.DoAsync("policy", "set", file);
        Assert.Contains("allow service web from anyone", await pair.Laptop.DoAsync("policy", "show"));
        await pair.Kitchen.AskUntilAsync(answer => answer.GetProperty("services").GetArrayLength() == 1, "tunnel", "list", "laptop");

        await File.WriteAllTextAsync(file, "allow everything");
        Assert.Contains("no policy", (await pair.Laptop.RunAsync("policy", "set", file)).Error);
    }
}
