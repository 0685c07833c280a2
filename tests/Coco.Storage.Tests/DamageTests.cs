using static Coco.Storage.Tests.StoreFolder;

namespace Coco.Storage.Tests;

/// <summary>
/// Damaged files are reported and left as they are, or the damage is where nothing stands and all is there; never is anything else read
/// than what was written. With COCO_ALL=1 for every bit and every length, else for a seeded sample;
/// of the log, which is longer, always a sample.
/// </summary>
public sealed class DamageTests(ITestOutputHelper output)
{
    private static readonly bool All = Environment.GetEnvironmentVariable("COCO_ALL") == "1";

    [Fact]
    public async Task No_flipped_bit_is_read_as_something_else()
    {
        using var folder = new StoreFolder();
        var expected = await MakeAsync(folder);
        var file = await File.ReadAllBytesAsync(folder.Path);
        var (reported, harmless) = (0, 0);
        foreach (var bit in Sample(file.Length * 8, 2000))
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(folder.Path, file);
            if (await IsReportedAsync(folder, file, expected, $"bit {bit}")) { reported++; }
            else { harmless++; }
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        output.WriteLine($"{file.Length} bytes: {reported} flipped bits reported, {harmless} harmless");
        Assert.True(reported > harmless / 10 && reported > 0);
    }

    [Fact]
    public async Task No_shortened_file_is_read()
    {
        using var folder = new StoreFolder();
        var expected = await MakeAsync(folder);
        var file = await File.ReadAllBytesAsync(folder.Path);
        foreach (var length in Sample(file.Length, 200))
        {
            var cut = file[..length];
            await File.WriteAllBytesAsync(folder.Path, cut);
            Assert.True(await IsReportedAsync(folder, cut, expected, $"length {length}"), $"length {length} was not noticed");
        }
    }

    [Fact]
    public async Task A_flipped_bit_in_the_log_loses_at_most_the_last_commit_unreported()
    {
        using var folder = new StoreFolder();
        var states = new List<SortedDictionary<string, string>>();
        using (var files = new Faults.FaultyFileSystem())
        {
            await using var store = await folder.OpenAsync(new() { FileSystem = files.Name });
            for (var i = 0; i < 5; i++)
            {
                await store.PutAsync(Names, $"n{i}", $"v{i}");
                states.Add(store.All(Names));
            }
            files.CrashAt = files.Operations;
        }
        var (file, log) = (await File.ReadAllBytesAsync(folder.Path), await File.ReadAllBytesAsync(folder.Log));
        var (reported, older) = (0, 0);
        foreach (var bit in Sample(log.Length * 8, 1500, all: 20_000))
        {
            log[bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(folder.Path, file);
            await File.WriteAllBytesAsync(folder.Log, log);
            try
            {
                await using var store = await folder.OpenAsync();
                var found = store.All(Names);
                Assert.True(states[^2..].Exists(state => state.SequenceEqual(found)), $"bit {bit}: {string.Join(' ', found.Keys)}");
                if (!states[^1].SequenceEqual(found)) { older++; }
            }
            catch (StoreException e)
            {
                Assert.Equal(StoreError.Corrupt, e.Code);
                Assert.True(Same(file, folder.Path), $"bit {bit}: the file was changed");
                Assert.True(Same(log, folder.Log), $"bit {bit}: the log was changed");
                reported++;
            }
            log[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        output.WriteLine($"{log.Length} bytes of log: {reported} flipped bits reported, {older} lost the last commit");
        Assert.True(reported > older);
    }

    [Fact]
    public async Task Rows_of_an_older_copy_are_noticed()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync())
        {
            await store.PutAsync(Names, "a", "old");
            await store.PutAsync(Names, "b", "old");
        }
        var old = await File.ReadAllBytesAsync(folder.Path);
        await using (var store = await folder.OpenAsync()) { await store.PutAsync(Names, "a", "new"); }
        var file = await File.ReadAllBytesAsync(folder.Path);
        Assert.Equal(old.Length, file.Length);

        // Pages: the schema and header, the head with keys and state, the rows.
        const int Page = 4096;
        foreach (var page in Enumerable.Range(1, file.Length / Page - 1))
        {
            var mixed = (byte[])file.Clone();
            old.AsSpan(page * Page, Page).CopyTo(mixed.AsSpan(page * Page));
            await File.WriteAllBytesAsync(folder.Path, mixed);
            Assert.Equal(StoreError.Corrupt, (await folder.RefusalAsync()).Code);
        }
        await File.WriteAllBytesAsync(folder.Path, old);
        await using var rolledBack = await folder.OpenAsync();
        Assert.Equal(2UL, rolledBack.Version); // as a whole it is whole; only the version tells
    }

    [Fact]
    public async Task A_store_under_the_same_key_is_no_source_of_rows()
    {
        using var folder = new StoreFolder();
        using var other = new StoreFolder();
        foreach (var each in new[] { folder, other })
        {
            await using var store = await each.OpenAsync();
            await store.PutAsync(Names, "a", "1");
        }
        var (file, foreign) = (await File.ReadAllBytesAsync(folder.Path), await File.ReadAllBytesAsync(other.Path));
        foreign.AsSpan(4096 * 2).CopyTo(file.AsSpan(4096 * 2));
        await File.WriteAllBytesAsync(folder.Path, file);

        Assert.Equal(StoreError.Corrupt, (await folder.RefusalAsync()).Code);
    }

    [Fact]
    public async Task The_log_of_a_store_that_is_gone_is_not_taken_for_a_new_ones()
    {
        using var folder = new StoreFolder();
        await File.WriteAllBytesAsync(folder.Log, new byte[100]);
        Assert.Equal(StoreError.Corrupt, (await folder.RefusalAsync()).Code);
        Assert.Equal(["node.store-wal"], folder.Files());
    }

    private static async Task<SortedDictionary<string, string>> MakeAsync(StoreFolder folder)
    {
        await using var store = await folder.OpenAsync();
        for (var i = 0; i < 8; i++) { await store.PutAsync(Names, $"name {i}", new string('v', i * 20)); }
        await store.PutAsync(Names, "long", new string('l', 3000));
        await store.DeleteAsync(Names, "name 3");
        return store.All(Names);
    }

    /// <summary>True if the file was refused and left alone, false if all of it was read.</summary>
    private static async Task<bool> IsReportedAsync(StoreFolder folder, byte[] file, SortedDictionary<string, string> expected, string what)
    {
        try
        {
            await using var store = await folder.OpenAsync();
            Assert.True(expected.SequenceEqual(store.All(Names)), $"{what}: other content");
            return false;
        }
        catch (StoreException e)
        {
            Assert.True(e.Code is StoreError.Corrupt or StoreError.Foreign, $"{what}: {e}");
            Assert.Contains(folder.Path, e.Message, StringComparison.Ordinal);
            Assert.True(Same(file, folder.Path), $"{what}: the file was changed");
            Assert.Equal(["node.store"], folder.Files());
            return true;
        }
    }

    private static bool Same(byte[] expected, string path) => expected.AsSpan().SequenceEqual(File.ReadAllBytes(path));

    private static IEnumerable<int> Sample(int count, int size, int all = int.MaxValue)
    {
        var wanted = All ? all : size;
        if (count <= wanted) { return Enumerable.Range(0, count); }
        var random = new Random(4);
        return Enumerable.Range(0, wanted).Select(_ => random.Next(count));
    }
}
