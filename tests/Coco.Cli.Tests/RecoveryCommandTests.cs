namespace Coco.Cli.Tests;

/// <summary><c>coco net recovery</c>, with daemons.</summary>
public sealed class RecoveryCommandTests
{
    [Fact]
    public async Task A_lost_network_comes_back_with_the_key_that_was_put_away()
    {
        await using var pair = await TestPair.StartAsync();
        var (first, second, next) = (FileIn(pair.Laptop, "first"), FileIn(pair.Laptop, "second"), FileIn(pair.Kitchen, "next"));

        await pair.Laptop.DoAsync("net", "recovery", "create", "--output", first);
        var told = await pair.Laptop.DoAsync("net", "recovery", "create", "--replaces", first, "--output", second);
        await pair.Kitchen.AskUntilAsync(static answer => answer.GetProperty("controlPlanes").GetArrayLength() == 1, "net", "control", "list", "--network", await MarkAsync(pair));
        var old = await pair.Kitchen.RunAsync("net", "recovery", "use", first, "--yes");
        var used = await pair.Kitchen.AskAsync("net", "recovery", "use", second, "--yes", "--output", next);

        Assert.Contains("the one so far holds no more", told, StringComparison.Ordinal);
        Assert.DoesNotContain("cocorecovery1", told, StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotPermitted, old.Code);
        Assert.Equal(next, used.GetProperty("file").GetString());
        Assert.Equal("owner", (await pair.Kitchen.AskAsync("net", "list")).GetProperty("networks")[0].GetProperty("role").GetString());
        await pair.Laptop.AskUntilAsync(static answer => answer.GetProperty("networks")[0].GetProperty("role").GetString() != "owner", "net", "list");
        foreach (var file in (string[])[first, second, next])
        {
            Assert.StartsWith("cocorecovery1", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows()) { Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)); }
        }
        Assert.Equal(3, new[] { first, second, next }.Select(File.ReadAllText).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_key_is_shown_once_and_as_JSON_and_what_it_replaces_goes_on_to_hold_unless_it_is_given()
    {
        await using var laptop = await TestDaemon.StartAsync();
        await laptop.DoAsync("net", "create", "home");

        Assert.Matches("goes on to hold(.|\n)*  cocorecovery1[a-z2-7]+\n", await laptop.DoAsync("net", "recovery", "create"));
        var made = await laptop.AskAsync("net", "recovery", "create", "--network", "home");

        Assert.Equal("home", made.GetProperty("network").GetString());
        Assert.StartsWith("cocorecovery1", made.GetProperty("recoveryKey").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_and_costs_no_key()
    {
        await using var pair = await TestPair.StartAsync();
        var (key, there, none) = (FileIn(pair.Laptop, "key"), FileIn(pair.Laptop, "there"), FileIn(pair.Laptop, "nothing"));
        await pair.Laptop.DoAsync("net", "recovery", "create", "--output", key);
        await File.WriteAllTextAsync(there, "no key");

        var overwrites = await pair.Laptop.RunAsync("net", "recovery", "create", "--output", there);
        var nowhere = await pair.Laptop.RunAsync("net", "recovery", "create", "--output", Path.Combine(none, "x"));
        var noFile = await pair.Laptop.RunAsync("net", "recovery", "create", "--replaces", none);
        var noKey = await pair.Laptop.RunAsync("net", "recovery", "create", "--replaces", there);
        var noYes = await pair.Kitchen.RunAsync("net", "recovery", "use", key);
        var nothing = await pair.Kitchen.RunAsync("net", "recovery", "use", "--yes");
        var guest = await pair.Kitchen.RunAsync("net", "recovery", "create", "--output", none);

        Assert.Equal((ExitCode.Failed, true), (overwrites.Code, overwrites.Error.Contains("is there already. Nothing was done", StringComparison.Ordinal)));
        Assert.Equal("no key", await File.ReadAllTextAsync(there));
        Assert.Equal((ExitCode.Failed, true), (nowhere.Code, nowhere.Error.Contains("Nothing was done", StringComparison.Ordinal)));
        Assert.Equal((ExitCode.Failed, true), (noFile.Code, noFile.Error.Contains("cannot be read", StringComparison.Ordinal)));
        Assert.NotEqual(ExitCode.Ok, noKey.Code);
        Assert.Contains("begins with cocorecovery1", noKey.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Usage, true), (noYes.Code, noYes.Error.Contains("--yes", StringComparison.Ordinal)));
        Assert.Equal((ExitCode.Usage, true), (nothing.Code, nothing.Error.Contains("name a file", StringComparison.Ordinal)));
        Assert.Equal((ExitCode.NotPermitted, false), (guest.Code, File.Exists(none))); // the file that was to have the key is gone again
        await pair.Laptop.DoAsync("net", "recovery", "create", "--replaces", key); // the one on record is still that one
    }

    // Something that the owner says after the key: who has heard it has heard of that.
    private static async Task<string> MarkAsync(TestPair pair)
    {
        await pair.Laptop.DoAsync("net", "control", "add", $"{Crypto.NodeId.Read(Enumerable.Repeat((byte)9, 32).ToArray())}@192.0.2.1:4433");
        return "home";
    }

    private static string FileIn(TestDaemon daemon, string name) => Path.Combine(daemon.Folder, name);
}
