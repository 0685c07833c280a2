using System.Text;

namespace Coco.Storage.Tests;

internal static class StoreAssert
{
    public static async Task PutAsync(this NodeStore store, StoreTable table, string key, string value)
    {
        var transaction = store.Begin();
        transaction.Put(table, StoreFolder.Bytes(key), StoreFolder.Bytes(value));
        await transaction.CommitAsync();
    }

    public static async Task DeleteAsync(this NodeStore store, StoreTable table, string key)
    {
        var transaction = store.Begin();
        transaction.Delete(table, StoreFolder.Bytes(key));
        await transaction.CommitAsync();
    }

    public static string? Get(this NodeStore store, StoreTable table, string key) =>
        store.TryGet(table, StoreFolder.Bytes(key), out var value) ? Encoding.UTF8.GetString(value) : null;

    public static SortedDictionary<string, string> All(this NodeStore store, StoreTable table) => new(
        store.Scan(table).ToDictionary(static row => Encoding.UTF8.GetString(row.Key.Span), static row => Encoding.UTF8.GetString(row.Value.Span)),
        StringComparer.Ordinal);
}
