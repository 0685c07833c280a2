using static Coco.Storage.Tests.StoreFolder;

namespace Coco.Storage.Tests;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Readers_see_whole_transactions_only()
    {
        using var folder = new StoreFolder();
        await using var store = await folder.OpenAsync();
        await WriteBothAsync(store, 0);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            do
            {
                var rows = store.All(Names);
                Assert.Equal(rows["left"], rows["right"]);
            }
            while (!stop.IsCancellationRequested);
        })).ToList();

        for (var i = 1; i <= 50; i++) { await WriteBothAsync(store, i); }
        await stop.CancelAsync();
        await Task.WhenAll(readers);

        static Task WriteBothAsync(NodeStore store, int value)
        {
            var transaction = store.Begin();
            transaction.Put(Names, Bytes("left"), Bytes($"{value}"));
            transaction.Put(Names, Bytes("right"), Bytes($"{value}"));
            return transaction.CommitAsync();
        }
    }

    [Fact]
    public async Task Many_writers_lose_nothing()
    {
        using var folder = new StoreFolder();
        await using (var store = await folder.OpenAsync(new() { MaxWaitingCommits = 4 }))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; i < 25; i++) { await store.PutAsync(Names, $"{writer}-{i}", $"{i}"); }
            })));
        }
        await using var again = await folder.OpenAsync();
        Assert.Equal(200, again.Scan(Names).Count);
    }

    [Fact]
    public async Task A_cancelled_commit_is_there_or_not_as_it_says()
    {
        using var folder = new StoreFolder();
        var committed = new List<string>();
        await using (var store = await folder.OpenAsync())
        {
            var random = new Random(5);
            var attempts = Enumerable.Range(0, 100).Select(async i =>
            {
                using var cancel = new CancellationTokenSource();
                var transaction = store.Begin();
                transaction.Put(Names, Bytes($"n{i}"), Bytes("x"));
                var commit = transaction.CommitAsync(cancel.Token);
                if (i % 2 == 0) { await cancel.CancelAsync(); }
                try { await commit; }
                catch (OperationCanceledException) { return null; }
                return $"n{i}";
            }).ToList();
            committed.AddRange((await Task.WhenAll(attempts)).OfType<string>());
        }
        await using var again = await folder.OpenAsync();
        Assert.InRange(committed.Count, 50, 100);
        Assert.Equal(committed.Order(StringComparer.Ordinal), again.All(Names).Keys);
    }

    [Fact]
    public async Task Cancelling_an_opening_leaves_the_store_free()
    {
        using var folder = new StoreFolder();
        await (await folder.OpenAsync()).DisposeAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => NodeStore.OpenAsync(folder.Path, folder.Key, null, cancelled.Token));
        await using var store = await folder.OpenAsync();
        Assert.Empty(store.Scan(Names));
    }

    [Fact]
    public async Task Closing_writes_what_was_waiting()
    {
        using var folder = new StoreFolder();
        var store = await folder.OpenAsync();
        var commits = Enumerable.Range(0, 50).Select(i => store.PutAsync(Names, $"n{i}", "x")).ToList();
        await store.DisposeAsync();
        await Task.WhenAll(commits);

        await using var again = await folder.OpenAsync();
        Assert.Equal(50, again.Scan(Names).Count);
    }

    [Fact]
    public async Task Stores_opened_at_once_by_many_are_given_to_one()
    {
        using var folder = new StoreFolder();
        var attempts = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try { return (object)await folder.OpenAsync(); }
            catch (StoreException e) { return e.Code; }
        }));
        var store = Assert.Single(attempts.OfType<NodeStore>());
        Assert.All(attempts.OfType<StoreError>(), static code => Assert.Equal(StoreError.Locked, code));
        await store.DisposeAsync();
    }
}
