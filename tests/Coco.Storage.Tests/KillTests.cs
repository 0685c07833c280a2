using System.Globalization;
using static Coco.Storage.Tests.StoreFolder;

namespace Coco.Storage.Tests;

/// <summary>kill -9 of a process that commits: 20 times, with COCO_ALL=1 200 times.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly int Kills = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 200 : 20;

    [Fact]
    public async Task A_killed_process_loses_nothing_it_has_acknowledged()
    {
        using var folder = new StoreFolder();
        var random = new Random(6);
        var (last, acknowledgements, more) = (-1, 0, 0);
        for (var kill = 0; kill < Kills; kill++)
        {
            var acknowledged = await KillAsync(folder, first: last + 1, after: random.Next(1, 60));
            acknowledgements += Math.Max(0, acknowledged - last);

            await using var store = await folder.OpenAsync();
            var found = int.Parse(store.Get(Names, "last") ?? "-1", CultureInfo.InvariantCulture);
            Assert.InRange(found, acknowledged, acknowledged + 1); // the commit under way is there or not
            AssertWhole(store, found);
            more += found - acknowledged;
            last = found;
        }
        output.WriteLine($"{Kills} kills, {acknowledgements} acknowledged commits, {more} commits that were done and not yet acknowledged");
    }

    /// <summary>Starts, reads some acknowledgements, kills, and reads what was still on its way. The last one acknowledged.</summary>
    private static async Task<int> KillAsync(StoreFolder folder, int first, int after)
    {
        using var victim = Victim.Start(folder.Path, first);
        var last = first - 1;
        try
        {
            Assert.Equal("open", await victim.StandardOutput.ReadLineAsync());
            for (var i = 0; i < after; i++) { last = int.Parse((await victim.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture); }
        }
        finally
        {
            victim.Kill();
        }
        while (await victim.StandardOutput.ReadLineAsync() is { } line)
        {
            if (int.TryParse(line, CultureInfo.InvariantCulture, out var number) && number > last) { last = number; }
        }
        await victim.WaitForExitAsync();
        return last;
    }

    private static void AssertWhole(NodeStore store, int last)
    {
        var rows = store.All(Names);
        for (var i = Math.Max(0, last - Victim.Keys + 1); i <= last; i++)
        {
            Assert.Equal($"{i}", rows[$"left {i % Victim.Keys}"]);
            Assert.Equal($"{i}", rows[$"right {i % Victim.Keys}"]);
        }
        Assert.Equal(Math.Min(last + 1, Victim.Keys) * 2 + 1, rows.Count);
    }
}
