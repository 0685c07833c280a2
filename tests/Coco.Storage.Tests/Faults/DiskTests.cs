using static Coco.Storage.Tests.StoreFolder;

namespace Coco.Storage.Tests.Faults;

public sealed class DiskTests
{
    [Fact]
    public async Task A_full_disk_refuses_commits_until_there_is_room()
    {
        using var folder = new StoreFolder();
        using var files = new FaultyFileSystem();
        await using (var store = await folder.OpenAsync(new() { FileSystem = files.Name }))
        {
            await store.PutAsync(Names, "before", "1");
            files.IsFull = true;
            var refusal = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(Names, "during", "2"));
            Assert.Equal(StoreError.Full, refusal.Code);
            Assert.True(refusal.IsTransient);
            Assert.Equal(["before"], store.All(Names).Keys);
            files.IsFull = false;
            await store.PutAsync(Names, "after", "3");
        }
        await using var again = await folder.OpenAsync();
        Assert.Equal(["after", "before"], again.All(Names).Keys);
    }

    [Fact]
    public async Task What_a_crash_left_is_read_on_a_full_disk_too()
    {
        using var folder = new StoreFolder();
        using (var files = new FaultyFileSystem())
        {
            await using var store = await folder.OpenAsync(new() { FileSystem = files.Name });
            for (var i = 0; i < 20; i++) { await store.PutAsync(Names, $"n{i}", new string('x', 1000)); }
            files.CrashAt = files.Operations;
        }
        using (var files = new FaultyFileSystem { IsFull = true })
        {
            await using var store = await folder.OpenAsync(new() { FileSystem = files.Name });
            Assert.Equal(20, store.Scan(Names).Count);
            Assert.Equal(StoreError.Full, (await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(Names, "a", "1"))).Code);
            files.IsFull = false;
            await store.PutAsync(Names, "b", "2");
        }
        await using var again = await folder.OpenAsync();
        Assert.Equal("2", again.Get(Names, "b"));
        Assert.Equal(21, again.Scan(Names).Count);
    }

    [Fact]
    public async Task After_a_sync_that_failed_a_store_takes_nothing_until_it_is_opened_again()
    {
        using var folder = new StoreFolder();
        using var files = new FaultyFileSystem();
        await using (var store = await folder.OpenAsync(new() { FileSystem = files.Name }))
        {
            await store.PutAsync(Names, "before", "1");
            files.FailsNextSync = true;
            Assert.Equal(StoreError.Io, (await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(Names, "during", "2"))).Code);
            Assert.Equal(StoreError.Io, (await Assert.ThrowsAsync<StoreException>(() => store.PutAsync(Names, "after", "3"))).Code);
            Assert.Equal(StoreError.Io, (await Assert.ThrowsAsync<StoreException>(() => store.RotateAsync())).Code);
            Assert.Equal("1", store.Get(Names, "before"));
        }
        await using var again = await folder.OpenAsync();
        Assert.Equal("1", again.Get(Names, "before"));
        Assert.Null(again.Get(Names, "after"));
    }

    [Fact]
    public async Task Commits_that_wait_together_share_their_syncs()
    {
        using var folder = new StoreFolder();
        using var files = new FaultyFileSystem();
        await using var store = await folder.OpenAsync(new() { FileSystem = files.Name });
        await store.PutAsync(Names, "first", "1");
        var before = files.Operations;
        await store.PutAsync(Names, "first", "2");
        var alone = files.Operations - before;

        before = files.Operations;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => store.PutAsync(Names, $"n{i}", "x")));

        Assert.InRange(files.Operations - before, 1, 200 * alone / 4);
        Assert.Equal(201, store.Scan(Names).Count);
    }
}
