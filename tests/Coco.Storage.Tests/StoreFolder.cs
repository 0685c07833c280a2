using System.Security.Cryptography;
using System.Text;
using Coco.Crypto;

namespace Coco.Storage.Tests;

/// <summary>A folder that is gone after the test, and a key that costs no passphrase hashing.</summary>
internal sealed class StoreFolder : IDisposable
{
    public static readonly StoreTable Names = new("names");
    public static readonly StoreTable Keys = new("keys", holdsKeys: true);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-store-");
    private readonly IdentityKey _identity = IdentityKey.FromSeed(SHA256.HashData("a node"u8));

    public StoreFolder() => Key = StoreKey.FromIdentity(_identity);

    public StoreKey Key { get; }

    public string Path => In("node.store");

    public string Log => Path + "-wal";

    public string In(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public string[] Files() => [.. _folder.GetFiles().Select(static file => file.Name).Order(StringComparer.Ordinal)];

    public Task<NodeStore> OpenAsync(StoreOptions? options = null) => NodeStore.OpenAsync(Path, Key, options);

    public async Task<StoreException> RefusalAsync(StoreOptions? options = null) =>
        await Assert.ThrowsAsync<StoreException>(async () => await (await OpenAsync(options)).DisposeAsync());

    public void Dispose()
    {
        Key.Dispose();
        _identity.Dispose();
        _folder.Delete(recursive: true);
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
