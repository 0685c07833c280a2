using System.Security.Cryptography;
using Coco.Cluster.Members;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Storage;

namespace Coco.Storing;

/// <summary>The rows of a <see cref="NetworkMember"/> in a <see cref="NodeStore"/>, a table for each of its own.</summary>
internal sealed class MemberStore : IAsyncDisposable
{
    // Names are in the file, sealed. With keys only, what a node needs to be let in again is kept.
    private static readonly Dictionary<MemberTable, StoreTable> Tables = new()
    {
        [MemberTable.Self] = new("self", holdsKeys: true),
        [MemberTable.Statements] = new("statements"),
        [MemberTable.Certificates] = new("certificates"),
        [MemberTable.Addresses] = new("addresses"),
        [MemberTable.Tickets] = new("tickets"),
        [MemberTable.Times] = new("times"),
    };

    private static readonly StoreTable Keys = new("keys", holdsKeys: true); // of a node that is not in a network yet
    private static readonly StoreTable PartKeys = new("part keys", holdsKeys: true);
    private static readonly byte[] NodeRow = [0];
    private static readonly byte[] UserRow = [1];

    private readonly NodeStore _store;

    private MemberStore(NodeStore store) => _store = store;

    /// <summary>Opens the store of a node; null for one that has none.</summary>
    /// <exception cref="CocoException">It cannot be opened.</exception>
    public static async Task<MemberStore?> OpenAsync(NodeOptions options, StoreMode mode, CancellationToken cancellationToken)
    {
        if (options.StorePath is not { } path || options.StorePolicy is StorePolicy.None) { return null; }
        if (options.StoreKey is not { } key)
        {
            throw new CocoException(CocoError.Invalid, $"The store {path} needs a key: set NodeOptions.StoreKey to a passphrase or an identity.");
        }
        try
        {
            var logger = options.LoggerFactory?.CreateLogger("Coco.Storage");
            return new(await NodeStore.OpenAsync(path, key, new() { Mode = mode, Policy = options.StorePolicy, ScannedFirst = Tables.Values, Logger = logger }, cancellationToken).ConfigureAwait(false));
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
    }

    /// <summary>Whether the store belongs to a member of a network.</summary>
    public bool IsMember => _store.Scan(Tables[MemberTable.Self]).Count > 0;

    /// <summary>The keys of a node to be: those of an attempt before, or new ones, which are kept first.</summary>
    /// <param name="user">The user's, where it is given.</param>
    public async Task<MemberKeys> KeysAsync(IdentityKey? user)
    {
        if (_store.TryGet(Keys, NodeRow, out var node) && _store.TryGet(Keys, UserRow, out var kept))
        {
            return new(IdentityKey.FromSeed(node), user ?? IdentityKey.FromSeed(kept));
        }
        var keys = new MemberKeys(IdentityKey.Generate(), user ?? IdentityKey.Generate());
        var transaction = _store.Begin();
        Put(transaction, NodeRow, keys.Node);
        Put(transaction, UserRow, keys.User);
        try
        {
            await transaction.CommitAsync().ConfigureAwait(false);
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
        return keys;
    }

    /// <summary>A key for what a part of the node keeps in files of its own: made once, and kept here.</summary>
    /// <exception cref="StoreException">It could not be.</exception>
    public async Task<byte[]> KeyOfAsync(string part)
    {
        var row = System.Text.Encoding.UTF8.GetBytes(part);
        if (_store.TryGet(PartKeys, row, out var known)) { return known; }
        var key = RandomNumberGenerator.GetBytes(32);
        var transaction = _store.Begin();
        transaction.Put(PartKeys, row, key);
        await transaction.CommitAsync().ConfigureAwait(false);
        return key;
    }

    public IEnumerable<MemberRow> Read() => Tables.SelectMany(pair => _store.Scan(pair.Value).Select(row => new MemberRow(pair.Key, row.Key, row.Value)));

    /// <summary>Makes all changes or none. Those begun earlier are made earlier.</summary>
    public Task CommitAsync(IReadOnlyList<MemberRow> rows)
    {
        var transaction = _store.Begin();
        foreach (var row in rows)
        {
            if (row.Value.IsEmpty) { transaction.Delete(Tables[row.Table], row.Key.Span); }
            else { transaction.Put(Tables[row.Table], row.Key.Span, row.Value.Span); }
        }
        return transaction.CommitAsync();
    }

    /// <summary>Puts the store under another key, if one is given, and seals it anew.</summary>
    /// <exception cref="CocoException">It could not be.</exception>
    public async Task RotateAsync(StoreKey? key, CancellationToken cancellationToken)
    {
        try
        {
            if (key is not null) { await _store.ChangeKeyAsync(key, cancellationToken).ConfigureAwait(false); }
            await _store.RotateAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static void Put(StoreTransaction transaction, byte[] row, IdentityKey key)
    {
        Span<byte> seed = stackalloc byte[IdentityKey.SeedSize];
        key.CopySeedTo(seed);
        transaction.Put(Keys, row, seed);
        CryptographicOperations.ZeroMemory(seed);
    }
}
