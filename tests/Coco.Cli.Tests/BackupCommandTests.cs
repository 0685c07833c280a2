namespace Coco.Cli.Tests;

/// <summary>Backups: made while the daemon runs, put back elsewhere.</summary>
public sealed class BackupCommandTests
{
    [Fact]
    public async Task A_backup_is_made_while_the_daemon_runs_and_its_nodes_live_on_elsewhere()
    {
        await using var pair = await TestPair.StartAsync();
        var file = Path.Combine(pair.Laptop.Folder, "coco.backup");
        Assert.Contains("COCO_BACKUP_PASSPHRASE", (await pair.Kitchen.RunAsync("backup", file)).Error);
        pair.Kitchen.Set("COCO_BACKUP_PASSPHRASE", "correct horse");
        Assert.True((await pair.Kitchen.AskAsync("backup", file)).GetProperty("isProtected").GetBoolean());
        var before = await pair.Kitchen.AskAsync("net", "list");
        await pair.Kitchen.DownAsync();

        await using var restored = new TestDaemon();
        await restored.DoAsync("restore", file);
        Assert.Contains("COCO_PASSPHRASE", (await restored.RunAsync("up", "--no-lan", "--listen", "127.0.0.1:0")).Error);
        restored.Set("COCO_PASSPHRASE", "correct horse");
        await restored.UpAsync("--listen", pair.Kitchen.Address);

        var after = await restored.AskAsync("net", "list");
        Assert.Equal(before.GetProperty("networks")[0].GetProperty("node").GetString(), after.GetProperty("networks")[0].GetProperty("node").GetString());
        await pair.Laptop.SeesAsync("kitchen");
        Assert.Equal(ExitCode.Ok, (await pair.Laptop.RunAsync("ping", "kitchen", "-c", "1")).Code);
    }

    [Fact]
    public async Task A_restored_copy_beside_the_original_is_named_at_both()
    {
        // Alone it takes half a minute, beside the other tests it was not done after three: what each copy hears of the other depends on the peer's reconnecting.
        Assert.SkipUnless(Environment.GetEnvironmentVariable("COCO_ALL") == "1", "may take minutes: set COCO_ALL=1");
        await using var pair = await TestPair.StartAsync();
        var file = Path.Combine(pair.Kitchen.Folder, "coco.backup");
        await pair.Kitchen.DoAsync("backup", file, "--unprotected");
        await using var copy = new TestDaemon();
        await copy.DoAsync("restore", file);
        await copy.UpAsync();

        static bool IsNamed(System.Text.Json.JsonElement answer) => answer.GetProperty("networks")[0].GetProperty("problem").GetString()?.Contains("two copies", StringComparison.Ordinal) == true;
        await Task.WhenAll(copy.AskUntilAsync(IsNamed, "status"), pair.Kitchen.AskUntilAsync(IsNamed, "status"));
        Assert.Contains("restored here from a backup", (await copy.AskAsync("status")).ToString());
        Assert.Equal(ExitCode.Failed, (await copy.RunAsync("doctor")).Code);
    }

    [Fact]
    public async Task Nothing_is_restored_over_what_is_there()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home");
        var file = Path.Combine(daemon.Folder, "coco.backup");
        await daemon.DoAsync("backup", file, "--unprotected");

        Assert.Contains("coco down", (await daemon.RunAsync("restore", file)).Error);
        await daemon.DownAsync();
        Assert.Contains("nothing was changed", (await daemon.RunAsync("restore", file)).Error);
        await daemon.UpAsync();
        Assert.Single((await daemon.AskAsync("net", "list")).GetProperty("networks").EnumerateArray());
    }

    [Fact]
    public async Task A_damaged_or_foreign_file_is_named_and_nothing_restored()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.DoAsync("net", "create", "home");
        var file = Path.Combine(daemon.Folder, "coco.backup");
        await daemon.DoAsync("backup", file, "--unprotected");
        var whole = await File.ReadAllBytesAsync(file);
        var random = new Random(7);
        await using var other = new TestDaemon();

        for (var i = 0; i < 40; i++)
        {
            var damaged = whole.ToArray();
            // Any byte of what is in it: the padding of tar carries nothing.
            var at = random.Next(damaged.Length);
            damaged[at] ^= (byte)(1 << random.Next(8));
            if (i < 8) { damaged = whole[..random.Next(whole.Length - 2048)]; } // before the two empty blocks that end a tar file
            await File.WriteAllBytesAsync(file, damaged);
            var outcome = await other.RunAsync("restore", file);
            if (outcome.Code is ExitCode.Ok)
            {
                // Then the damage was in padding or times, and what was restored is whole.
                Assert.True(i >= 8);
                Directory.Delete(other.Places.Networks, recursive: true);
                File.Delete(other.Places.KeyFile);
                continue;
            }
            Assert.Equal(ExitCode.Failed, outcome.Code);
            Assert.Contains(file, outcome.Error);
            Assert.False(File.Exists(other.Places.KeyFile));
        }
        Assert.Equal(ExitCode.NotFound, (await other.RunAsync("restore", Path.Combine(other.Folder, "none"))).Code);
    }
}
