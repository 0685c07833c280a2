using static Coco.Storage.Tests.StoreFolder;

namespace Coco.Storage.Tests;

public sealed class PolicyTests
{
    [Fact]
    public async Task An_ephemeral_store_works_alike_and_touches_no_file()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync(new() { Policy = StorePolicy.None }))
        {
            await store.PutAsync(Names, "a", "1");
            await store.PutAsync(Keys, "b", "2");
            await store.DeleteAsync(Names, "a");
            await store.PutAsync(Names, "c", "3");
            await store.RotateAsync();
            await store.ChangeKeyAsync(folder.Key);
            Assert.Equal(["c"], store.All(Names).Keys);
            Assert.Equal("2", store.Get(Keys, "b"));
            Assert.Empty(folder.Files());
        }
        await using var again = await folder.OpenAsync(new() { Policy = StorePolicy.None });
        Assert.Empty(again.Scan(Keys));
        Assert.Empty(folder.Files());
    }

    [Fact]
    public async Task Keys_only_keeps_tables_that_hold_keys()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync(new() { Policy = StorePolicy.KeysOnly }))
        {
            var transaction = store.Begin();
            transaction.Put(Names, Bytes("a"), Bytes("1"));
            transaction.Put(Keys, Bytes("b"), Bytes("2"));
            await transaction.CommitAsync();
            Assert.Equal("1", store.Get(Names, "a"));
        }
        await using var again = await folder.OpenAsync();
        Assert.Empty(again.Scan(Names));
        Assert.Equal("2", again.Get(Keys, "b"));
    }

    [Fact]
    public async Task Keys_only_erases_what_was_kept_before()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync())
        {
            for (var i = 0; i < 20; i++) { await store.PutAsync(Names, $"n{i}", "x"); }
            await store.PutAsync(Keys, "b", "2");
        }
        await (await folder.OpenAsync(new() { Policy = StorePolicy.KeysOnly })).DisposeAsync();

        await using var again = await folder.OpenAsync();
        Assert.Empty(again.Scan(Names));
        Assert.Equal("2", again.Get(Keys, "b"));
    }
}
