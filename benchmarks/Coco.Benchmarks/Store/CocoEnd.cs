using System.Net;
using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Data;
using Coco.Storage;

namespace Coco.Benchmarks.Store;

/// <summary>A node of a user who has two, with a collection.</summary>
internal sealed class CocoEnd(Node node) : IStoreEnd
{
    private static readonly PutOptions Replicated = new() { Replicas = 1 };

    public DataCollection Collection { get; } = node.Store.Open("bench");

    public static NodeOptions Options(string name, string address, string folder)
    {
        var seed = SHA256.HashData("coco bench store"u8);
        return new()
        {
            Name = name, App = new("org.example.bench"), ListenAddresses = [new(IPAddress.Parse(address), 0)], DiscoverOnLan = false,
            User = IdentityKey.FromSeed(seed), StorePath = Path.Combine(folder, name), StoreKey = StoreKey.FromIdentity(IdentityKey.FromSeed(seed)),
        };
    }

    public Task PutAsync(string key, ReadOnlyMemory<byte> value, bool isReplicated) => Collection.PutAsync(key, value, isReplicated ? Replicated : null);

    // Not by listing, which opens each.
    public Task<int> CountAsync() => Task.FromResult(Collection.Table.Count);
}
