using System.Text;
using Coco.Crypto;
using Coco.Storage.Sealing;
using static Coco.Storage.Tests.StoreFolder;

namespace Coco.Storage.Tests;

public sealed class KeyTests
{
    private static readonly StoreOptions Cheap = new() { Passes = 1, MemoryKiB = 19 * 1024 };

    [Fact]
    public async Task A_wrong_passphrase_is_told_from_damage()
    {
        using var folder = new StoreFolder();
        using var right = StoreKey.FromPassphrase("correct horse");
        using var wrong = StoreKey.FromPassphrase("battery staple");
        await using (var store = await NodeStore.OpenAsync(folder.Path, right, Cheap)) { await store.PutAsync(Names, "a", "1"); }
        var file = await File.ReadAllBytesAsync(folder.Path);

        Assert.Equal(StoreError.WrongPassphrase, await RefusalAsync(folder, wrong));
        Assert.Equal(StoreError.WrongKey, await RefusalAsync(folder, folder.Key));
        Assert.Equal(file, await File.ReadAllBytesAsync(folder.Path));
        await using var again = await NodeStore.OpenAsync(folder.Path, right);
        Assert.Equal("1", again.Get(Names, "a"));
    }

    [Fact]
    public async Task Another_identitys_key_is_the_wrong_key()
    {
        using var folder = new StoreFolder();
        await (await folder.OpenAsync()).DisposeAsync();
        using var identity = IdentityKey.Generate(new SeededRandomSource(1));
        using var other = StoreKey.FromIdentity(identity);
        using var passphrase = StoreKey.FromPassphrase("x");

        Assert.Equal(StoreError.WrongKey, await RefusalAsync(folder, other));
        Assert.Equal(StoreError.WrongKey, await RefusalAsync(folder, passphrase));
    }

    [Fact]
    public async Task A_changed_passphrase_is_the_only_one_that_opens()
    {
        using var folder = new StoreFolder();
        using var old = StoreKey.FromPassphrase("old");
        using var changed = StoreKey.FromPassphrase("new");
        await using (var store = await NodeStore.OpenAsync(folder.Path, old, Cheap))
        {
            await store.PutAsync(Names, "a", "1");
            await store.ChangeKeyAsync(changed);
            await store.PutAsync(Names, "b", "2");
        }

        Assert.Equal(StoreError.WrongPassphrase, await RefusalAsync(folder, old));
        await using (var again = await NodeStore.OpenAsync(folder.Path, changed, Cheap))
        {
            Assert.Equal(["a", "b"], again.All(Names).Keys);
            await again.ChangeKeyAsync(folder.Key);
        }
        await using var unattended = await folder.OpenAsync();
        Assert.Equal(["a", "b"], unattended.All(Names).Keys);
    }

    [Fact]
    public async Task Rotation_leaves_nothing_of_the_old_seals_in_the_file()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync()) { await FillAsync(store, 600); }
        var before = Blocks(await File.ReadAllBytesAsync(folder.Path));
        await using (var store = await folder.OpenAsync())
        {
            await store.RotateAsync();
            Assert.Equal(600, store.Scan(Names).Count);
            Assert.Equal("value 17", store.Get(Names, "name 17"));
        }
        var after = await File.ReadAllBytesAsync(folder.Path);

        Assert.DoesNotContain(Blocks(after), before.Contains);
        await using var again = await folder.OpenAsync();
        Assert.Equal(600, again.Scan(Names).Count);

        // Pieces of 16 bytes that are not regular enough to be there by chance, but for two pages: the schema, and the head, whose key record
        // is still under the same key of the caller's.
        static HashSet<string> Blocks(byte[] file) => [.. Enumerable.Range(2 * 4096 / 16, (file.Length - 2 * 4096) / 16)
            .Select(i => file.AsSpan(i * 16, 16).ToArray()).Where(static block => block.Distinct().Count() > 12).Select(Convert.ToHexString)];
    }

    [Fact]
    public async Task A_rotation_that_was_cancelled_is_finished_by_the_next_opening()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync()) { await FillAsync(store, 600); }

        using (var file = Files.StoreFile.TryOpen(folder.Path)!)
        using (var database = SealedDatabase.Open(file, folder.Key, new()))
        {
            Assert.True(database.Rotate());
            Assert.True(database.Rotate());
            Assert.True(database.IsRotating);
            Assert.Equal(600, database.Scan(Names).Count);
            for (var i = 0; i < 600; i++) { Assert.True(database.TryGet(Names, Bytes($"name {i}"), out _)); }
            database.Apply([new(Names, Bytes("name 5"), Bytes("changed")), new(Names, Bytes("name 6"), null), new(Names, Bytes("more"), Bytes("x"))]);
            Assert.Equal(600UL, database.Rows);
        }

        using (var file = Files.StoreFile.TryOpen(folder.Path)!)
        using (var database = SealedDatabase.Open(file, folder.Key, new())) { Assert.True(database.IsRotating); }
        await (await folder.OpenAsync()).DisposeAsync();
        using (var file = Files.StoreFile.TryOpen(folder.Path)!)
        using (var database = SealedDatabase.Open(file, folder.Key, new()))
        {
            Assert.False(database.IsRotating);
            Assert.Equal(2U, database.Generation);
            Assert.Equal(600, database.Scan(Names).Count);
            Assert.True(database.TryGet(Names, Bytes("name 5"), out var changed));
            Assert.Equal("changed", Encoding.UTF8.GetString(changed));
            Assert.False(database.TryGet(Names, Bytes("name 6"), out _));
        }
    }

    [Fact]
    public async Task Others_commit_while_a_rotation_runs()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync())
        {
            await FillAsync(store, 1500);
            var rotation = store.RotateAsync();
            for (var i = 0; i < 40; i++) { await store.PutAsync(Names, $"name {i}", "during"); }
            await rotation;
        }
        await using var again = await folder.OpenAsync();
        Assert.Equal(1500, again.Scan(Names).Count);
        Assert.Equal("during", again.Get(Names, "name 39"));
        Assert.Equal("value 40", again.Get(Names, "name 40"));
    }

    [Fact]
    public void One_text_is_never_sealed_twice_alike_and_opens_only_as_it_was_sealed()
    {
        var (key, other) = (new byte[32], new byte[32]);
        other[31] = 1;
        var (one, two) = (new byte[5 + Envelope.Overhead], new byte[5 + Envelope.Overhead]);
        Envelope.Seal(key, "aad"u8, "hello"u8, one);
        Envelope.Seal(key, "aad"u8, "hello"u8, two);

        Assert.NotEqual(one, two);
        Assert.True(Envelope.TryOpen(key, "aad"u8, one.AsSpan().ToArray(), out var text) && text.SequenceEqual("hello"u8));
        Assert.False(Envelope.TryOpen(key, "axd"u8, one.AsSpan().ToArray(), out _));
        Assert.False(Envelope.TryOpen(other, "aad"u8, one.AsSpan().ToArray(), out _));
        for (var length = 0; length < one.Length; length++) { Assert.False(Envelope.TryOpen(key, "aad"u8, one.AsSpan(0, length).ToArray(), out _)); }
        for (var bit = 0; bit < one.Length * 8; bit++)
        {
            var changed = (byte[])one.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Envelope.TryOpen(key, "aad"u8, changed, out _));
        }
    }

    [Fact]
    public void A_key_record_asks_for_no_more_memory_than_is_allowed()
    {
        using var key = StoreKey.FromPassphrase("x");
        using var ring = KeyRing.Generate(WrapKey.Generate(key, Cheap));
        var record = KeyRecord.Write(ring, ring.Keys);
        Assert.Null(KeyRecord.Read(record, key, out var same));
        same!.Dispose();

        record.AsSpan(20, 8).Fill(0x7F); // passes and memory
        System.Security.Cryptography.SHA256.HashData(record.AsSpan(..^32), record.AsSpan(^32..));
        Assert.Equal(StoreError.TooCostly, KeyRecord.Read(record, key, out _));
    }

    [Fact]
    public void Random_bytes_are_no_key_record_and_no_row()
    {
        using var folder = new StoreFolder();
        var random = new Random(12);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            Assert.NotNull(KeyRecord.Read(bytes, folder.Key, out _));
            if (RowContent.TryRead(bytes, out var row)) { Assert.True(row.Key.Length + row.Value.Length < bytes.Length); }
            _ = Files.WriteAheadLog.IsDamaged(new MemoryStream(bytes));
            Assert.NotNull(Files.StoreHeader.Check(bytes, bytes.Length));
        }
    }

    [Fact]
    public void Secrets_print_nothing_of_themselves()
    {
        using var key = StoreKey.FromPassphrase("hunter2");
        Assert.Equal("[secret]", key.ToString());
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Secret.Length);
    }

    private static async Task FillAsync(NodeStore store, int rows)
    {
        var transaction = store.Begin();
        for (var i = 0; i < rows; i++) { transaction.Put(Names, Bytes($"name {i}"), Bytes($"value {i}")); }
        await transaction.CommitAsync();
    }

    private static async Task<StoreError> RefusalAsync(StoreFolder folder, StoreKey key) =>
        (await Assert.ThrowsAsync<StoreException>(() => NodeStore.OpenAsync(folder.Path, key))).Code;
}
