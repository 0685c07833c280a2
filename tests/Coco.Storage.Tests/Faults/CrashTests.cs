using System.Security.Cryptography;
using Coco.Crypto;
using static Coco.Storage.Tests.StoreFolder;

namespace Coco.Storage.Tests.Faults;

/// <summary>Every write, truncation, sync and deletion of some work on a store is the last one once.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private static readonly bool All = Environment.GetEnvironmentVariable("COCO_ALL") == "1";
    private static readonly string[] Phases = ["put", "rotate", "rekey"];

    [Fact]
    public async Task A_process_that_dies_at_any_write_loses_nothing_acknowledged()
    {
        var crashes = 0L;
        foreach (var phase in Phases) { crashes += await CrashAtEachOperationAsync(phase, seed: null); }
        output.WriteLine($"{crashes} crashes");
        Assert.InRange(crashes, 200, 5000);
    }

    [Fact]
    public async Task A_power_cut_at_any_write_loses_nothing_acknowledged()
    {
        var crashes = 0L;
        for (var seed = 1; seed <= (All ? 20 : 1); seed++)
        {
            foreach (var phase in Phases) { crashes += await CrashAtEachOperationAsync(phase, seed); }
        }
        output.WriteLine($"{crashes} power cuts");
        Assert.InRange(crashes, 200, 100_000);
    }

    private static async Task<long> CrashAtEachOperationAsync(string phase, int? seed)
    {
        using var template = new StoreFolder();
        var before = await MakeUnclosedAsync(template);
        var total = await RunAsync(template, before, phase, long.MaxValue, seed);
        for (var at = 1L; at <= total; at++) { await RunAsync(template, before, phase, at, seed); }
        return total;
    }

    /// <summary>A store that a crash left: half of its rows are in the log.</summary>
    private static async Task<SortedDictionary<string, string>> MakeUnclosedAsync(StoreFolder folder)
    {
        var model = new Model();
        await using (var store = await folder.OpenAsync()) { await WriteAsync(store, model, new Random(7), 6); }
        using var files = new FaultyFileSystem();
        await using (var store = await folder.OpenAsync(new() { FileSystem = files.Name }))
        {
            await WriteAsync(store, model, new Random(8), 6);
            files.CrashAt = files.Operations;
        }
        Assert.True(new FileInfo(folder.Log).Length > 0);
        return model.Acknowledged;
    }

    /// <summary>Runs a phase on a copy until it crashes, and compares what is left with what was acknowledged. Says how far it came.</summary>
    private static async Task<long> RunAsync(StoreFolder template, SortedDictionary<string, string> before, string phase, long crashAt, int? seed)
    {
        using var folder = new StoreFolder();
        using var otherIdentity = IdentityKey.FromSeed(SHA256.HashData("another"u8));
        using var otherKey = StoreKey.FromIdentity(otherIdentity);
        File.Copy(template.Path, folder.Path);
        File.Copy(template.Log, folder.Log);
        using var files = new FaultyFileSystem { CrashAt = crashAt };
        var model = new Model(before);
        try
        {
            await using var store = await folder.OpenAsync(new() { FileSystem = files.Name, LogKiB = 64 });
            await WriteAsync(store, model, new Random(9), phase == "put" ? 25 : 3);
            if (phase == "rotate") { await store.RotateAsync(); }
            if (phase == "rekey") { await store.ChangeKeyAsync(otherKey); }
            model.HasFinished = true;
            await WriteAsync(store, model, new Random(10), 3);
        }
        catch (StoreException e)
        {
            Assert.True(files.HasCrashed, $"failed without a crash: {e}");
        }
        if (seed is not null && files.HasCrashed) { files.CutPower(new Random(HashCode.Combine((int)crashAt, seed.Value))); }

        var where = $"{phase}, operation {crashAt}, seed {seed}";
        await VerifyAsync(folder, phase == "rekey" ? otherKey : null, model, writes: crashAt % 8 == 0, where);
        return files.Operations;
    }

    private static async Task VerifyAsync(StoreFolder folder, StoreKey? otherKey, Model model, bool writes, string where)
    {
        try
        {
            await using var store = await OpenEitherAsync(folder, otherKey, model.HasFinished);
            var found = store.All(Names);
            Assert.True(model.Allows(found), $"{where}: {string.Join(' ', found.Keys)} is neither before nor after the last commit");
            if (!writes) { return; }
            await store.PutAsync(Keys, "it still", "writes");
        }
        catch (StoreException e)
        {
            Assert.Fail($"{where}: {e}");
        }
        await using var again = await OpenEitherAsync(folder, otherKey, model.HasFinished);
        Assert.Equal("writes", again.Get(Keys, "it still"));
    }

    private static async Task<NodeStore> OpenEitherAsync(StoreFolder folder, StoreKey? otherKey, bool hasFinished)
    {
        if (otherKey is null) { return await folder.OpenAsync(); }

        try { return await NodeStore.OpenAsync(folder.Path, otherKey); }
        catch (StoreException e) when (e.Code is StoreError.WrongKey && !hasFinished) { return await folder.OpenAsync(); }
    }

    private static async Task WriteAsync(NodeStore store, Model model, Random random, int commits)
    {
        for (var i = 0; i < commits; i++)
        {
            var transaction = store.Begin();
            var next = model.Begin();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var key = $"k{random.Next(30)}";
                if (random.Next(4) == 0)
                {
                    transaction.Delete(Names, Bytes(key));
                    next.Remove(key);
                    continue;
                }
                var value = new string((char)('a' + random.Next(26)), random.Next(10) == 0 ? 9000 : random.Next(400)) + i;
                transaction.Put(Names, Bytes(key), Bytes(value));
                next[key] = value;
            }
            await transaction.CommitAsync();
            model.Acknowledge();
        }
    }

    /// <summary>What a store must hold: all that was acknowledged, and of the commit under way all or nothing.</summary>
    private sealed class Model(SortedDictionary<string, string>? start = null)
    {
        private SortedDictionary<string, string> _underWay = new(start ?? [], StringComparer.Ordinal);

        public SortedDictionary<string, string> Acknowledged { get; private set; } = new(start ?? [], StringComparer.Ordinal);

        public bool HasFinished { get; set; }

        public SortedDictionary<string, string> Begin() => _underWay = new(Acknowledged, StringComparer.Ordinal);

        public void Acknowledge() => Acknowledged = _underWay;

        public bool Allows(SortedDictionary<string, string> found) => found.SequenceEqual(Acknowledged) || found.SequenceEqual(_underWay);
    }
}
