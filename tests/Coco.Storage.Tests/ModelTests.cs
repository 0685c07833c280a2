using static Coco.Storage.Tests.StoreFolder;

namespace Coco.Storage.Tests;

public sealed class ModelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_done_a_store_holds_what_a_dictionary_would(int seed)
    {
        using var folder = new StoreFolder();
        var (random, model) = (new Random(seed), new SortedDictionary<string, string>(StringComparer.Ordinal));
        var store = await folder.OpenAsync();
        for (var step = 0; step < 150; step++)
        {
            if (random.Next(20) == 0) { await store.RotateAsync(); }
            if (random.Next(20) == 0)
            {
                await store.DisposeAsync();
                store = await folder.OpenAsync(new() { LogKiB = 64, CacheKiB = 32 });
            }
            var transaction = store.Begin();
            for (var change = random.Next(1, 30); change > 0; change--)
            {
                var key = $"k{random.Next(200)}";
                if (random.Next(3) == 0)
                {
                    transaction.Delete(Names, Bytes(key));
                    model.Remove(key);
                    continue;
                }
                model[key] = new string('x', random.Next(random.Next(12) == 0 ? 20_000 : 300)) + step;
                transaction.Put(Names, Bytes(key), Bytes(model[key]));
            }
            await transaction.CommitAsync();
            var some = $"k{random.Next(200)}";
            Assert.Equal(model.GetValueOrDefault(some), store.Get(Names, some));
        }
        Assert.Equal(model, store.All(Names));
        await store.DisposeAsync();
        await using var again = await folder.OpenAsync();
        Assert.Equal(model, again.All(Names));
    }
}
