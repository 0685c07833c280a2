using System.Text;
using static Coco.Storage.Tests.StoreFolder;

namespace Coco.Storage.Tests;

public sealed class NodeStoreTests
{
    [Fact]
    public async Task What_was_committed_is_there_after_opening_again()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync())
        {
            await store.PutAsync(Names, "alice", "1");
            await store.PutAsync(Names, "bob", "2");
            await store.PutAsync(Names, "bob", "3");
            await store.PutAsync(Keys, "alice", "key");
            await store.DeleteAsync(Names, "alice");
        }

        await using var again = await folder.OpenAsync();
        Assert.Equal(new Dictionary<string, string> { ["bob"] = "3" }, again.All(Names));
        Assert.Equal("key", again.Get(Keys, "alice"));
        Assert.Null(again.Get(Names, "alice"));
        Assert.Equal(5UL, again.Version);
    }

    // The first scan of such a table gives what the check of the opening has read: out of date with the first commit, whichever table that changes.
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_table_that_is_scanned_first_shows_what_it_holds_then(bool commitsFirst, bool rotatesFirst)
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync())
        {
            foreach (var name in (string[])["alice", "bob", "carol"]) { await store.PutAsync(Names, name, $"{name}'s"); }
            await store.PutAsync(Keys, "alice", "key");
        }
        var expected = new Dictionary<string, string> { ["alice"] = "alice's", ["bob"] = "bob's", ["carol"] = "carol's" };

        await using var again = await folder.OpenAsync(new() { ScannedFirst = [Names, new("never used")] });
        if (commitsFirst)
        {
            await again.DeleteAsync(Names, "alice");
            await again.PutAsync(Names, "bob", "2");
            expected.Remove("alice");
            expected["bob"] = "2";
        }
        if (rotatesFirst) { await again.RotateAsync(); }
        Assert.Equal(expected, again.All(Names));
        await again.PutAsync(Names, "dave", "4");
        expected["dave"] = "4";
        Assert.Equal(expected, again.All(Names));
        Assert.Equal(expected, again.All(Names));
        Assert.Equal("key", Assert.Single(again.All(Keys)).Value);
    }

    [Fact]
    public async Task What_the_check_of_an_opening_kept_for_a_scan_is_given_once()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync()) { await store.PutAsync(Names, "alice", "1"); }
        using var file = Files.StoreFile.TryOpen(folder.Path)!;
        using var database = SealedDatabase.Open(file, folder.Key, new() { ScannedFirst = [Names] });
        var (first, second) = (database.Scan(Names), database.Scan(Names));
        Assert.Equal(first[0].Value.ToArray(), second[0].Value.ToArray());
        Assert.NotSame(first, second);
    }

    [Fact]
    public async Task A_transaction_shows_nothing_before_its_commit_and_all_of_it_after()
    {
        using var folder = new StoreFolder();
        await using var store = await folder.OpenAsync();
        var transaction = store.Begin();
        for (var i = 0; i < 100; i++) { transaction.Put(Names, Bytes($"n{i}"), Bytes("x")); }
        transaction.Delete(Names, Bytes("n0"));

        Assert.Empty(store.Scan(Names));
        await transaction.CommitAsync();
        Assert.Equal(99, store.Scan(Names).Count);
        Assert.Throws<InvalidOperationException>(() => transaction.Put(Names, Bytes("late"), Bytes("x")));
    }

    [Fact]
    public async Task Keys_and_values_may_be_empty_and_as_long_as_allowed()
    {
        using var folder = new StoreFolder();
        var (longKey, longValue) = (new byte[StoreTransaction.MaxKeySize], new byte[new StoreOptions().MaxValueSize]);
        new Random(1).NextBytes(longValue);
        await using (var store = await folder.OpenAsync())
        {
            var transaction = store.Begin();
            transaction.Put(Names, [], []);
            transaction.Put(Names, longKey, longValue);
            Assert.Throws<ArgumentOutOfRangeException>(() => transaction.Put(Names, new byte[longKey.Length + 1], []));
            Assert.Throws<ArgumentOutOfRangeException>(() => transaction.Put(Names, [], new byte[longValue.Length + 1]));
            await transaction.CommitAsync();
        }

        await using var again = await folder.OpenAsync();
        Assert.True(again.TryGet(Names, [], out var empty) && empty.Length == 0);
        Assert.True(again.TryGet(Names, longKey, out var value) && value.AsSpan().SequenceEqual(longValue));
    }

    [Fact]
    public async Task Neither_names_nor_keys_nor_values_are_in_the_files()
    {
        using var folder = new StoreFolder();
        var table = new StoreTable("a-table-of-secrets");
        await using (var store = await folder.OpenAsync())
        {
            await store.PutAsync(table, "the-key-of-it", "the-value-of-it");
            AssertHidden(folder.Log);
        }
        AssertHidden(folder.Path);

        static void AssertHidden(string file)
        {
            var text = Encoding.Latin1.GetString(ReadShared(file));
            Assert.NotEmpty(text);
            Assert.DoesNotContain("secrets", text, StringComparison.Ordinal);
            Assert.DoesNotContain("the-key", text, StringComparison.Ordinal);
            Assert.DoesNotContain("the-value", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_closed_store_is_one_file_only_its_owner_may_read()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync())
        {
            await store.PutAsync(Names, "a", "1");
            Assert.Equal(["node.store", "node.store-wal"], folder.Files());
            if (!OperatingSystem.IsWindows()) { Assert.All([folder.Path, folder.Log], AssertOwnerOnly); }
        }
        Assert.Equal(["node.store"], folder.Files());

        static void AssertOwnerOnly(string file) => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode);
    }

    [Fact]
    public async Task A_store_restored_with_wide_permissions_is_restricted_again()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "permissions of Unix");
        using var folder = new StoreFolder();
        await (await folder.OpenAsync()).DisposeAsync();
        if (!OperatingSystem.IsWindows()) { File.SetUnixFileMode(folder.Path, (UnixFileMode)0b110_100_100); }

        await (await folder.OpenAsync()).DisposeAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(folder.Path).UnixFileMode);
    }

    [Fact]
    public async Task Modes_say_whether_a_store_is_made()
    {
        using var folder = new StoreFolder();
        Assert.Equal(StoreError.NotFound, (await folder.RefusalAsync(new() { Mode = StoreMode.Open })).Code);
        Assert.Empty(folder.Files());
        await (await folder.OpenAsync(new() { Mode = StoreMode.Create })).DisposeAsync();
        Assert.Equal(StoreError.AlreadyExists, (await folder.RefusalAsync(new() { Mode = StoreMode.Create })).Code);
        await (await folder.OpenAsync(new() { Mode = StoreMode.Open })).DisposeAsync();
    }

    [Fact]
    public async Task A_store_that_is_open_is_locked_and_free_when_it_is_closed()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync())
        {
            var refusal = await folder.RefusalAsync();
            Assert.Equal(StoreError.Locked, refusal.Code);
            Assert.True(refusal.IsTransient);
            await store.PutAsync(Names, "still", "works");
        }
        await using var again = await folder.OpenAsync();
        Assert.Equal("works", again.Get(Names, "still"));
    }

    [Fact]
    public async Task A_closed_store_refuses_everything_and_closes_twice()
    {
        using var folder = new StoreFolder();
        var store = await folder.OpenAsync();
        var transaction = store.Begin();
        transaction.Put(Names, Bytes("a"), Bytes("b"));
        await store.DisposeAsync();
        await store.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => store.Scan(Names));
        Assert.Throws<ObjectDisposedException>(() => store.TryGet(Names, Bytes("a"), out _));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => transaction.CommitAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.RotateAsync());
    }

    [Fact]
    public async Task A_long_log_is_moved_into_the_file_while_the_store_is_open()
    {
        using var folder = new StoreFolder();
        await using var store = await folder.OpenAsync(new() { LogKiB = 64 });
        var value = new string('x', 30_000);
        var longest = 0L;
        for (var i = 0; i < 20; i++)
        {
            await store.PutAsync(Names, "one", value + i);
            longest = Math.Max(longest, new FileInfo(folder.Log).Length);
        }

        Assert.InRange(longest, 1, 256 * 1024);
        Assert.InRange(new FileInfo(folder.Path).Length, 30_000, 300_000);
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
