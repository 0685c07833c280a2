using Coco.Cluster.Members;
using Coco.Crypto;
using Coco.Data.Core;
using Coco.Hosting;
using Coco.Storage;
using Coco.Storing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Data;

/// <summary>
/// An app's data on its users' devices: collections of small entries, and blobs, which the nodes that hold a collection keep equal. A user's collection
/// is on the user's nodes of the same app; a shared one on the nodes that the network's policy allows. Members with the tag of
/// <see cref="DataOptions.KeeperTag"/> keep both for others. Thread-safe.
/// </summary>
public sealed partial class NodeData : IAsyncDisposable
{
    private const string DefaultName = "default";

    private readonly MemberLoop _loop;
    private readonly NodeOptions _nodeOptions;
    private readonly DataOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IdentityKey _user; // the node's, which disposes of it
    private readonly long _start;
    private readonly Lock _lock = new(); // guards what follows, and the exchange and the journal; nothing is awaited within
    private readonly DataJournal _journal;
    private readonly DataExchange _exchange;
    private readonly Dictionary<Digest, DataCollection> _collections = [];
    private readonly SessionPool<DataSession> _sessions;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private DataMembers _members;
    private TimeSpan _timerDue = TimeSpan.MaxValue;
    private long _bestAhead; // milliseconds by which best-known time is ahead of this machine's clock
    private bool _isClosed;

    internal NodeData(MemberLoop loop, NodeOptions options, MemberKeys keys)
    {
        (_loop, _nodeOptions, _options, _time, _user) = (loop, options, options.Data, options.TimeProvider, keys.User);
        _keys = new(keys.Node);
        _logger = options.LoggerFactory?.CreateLogger("Coco.Data") ?? (ILogger)NullLogger.Instance;
        _start = _time.GetTimestamp();
        _members = new(loop.View, _options.KeeperTag);
        _keys.HandleMembers(_members.IsRevoked);
        _journal = new(_options, _lock) { Failed = HandleNotStored, Unreadable = failure => _logger.DataNotRead(loop.Self, failure) };
        _exchange = new(loop.Self, _options, new EntrySigner(loop.Network, keys.Node), _journal, _members)
        {
            Refused = (peer, name, count, why) => _logger.EntriesRefused(peer, name, count, why),
            Added = HandleAdded,
            WasRefused = (peer, count, why) => _logger.WasRefused(peer, count, why),
        };
        _journal.Exchange = _exchange;
        _blobs = new(_options, _journal, _lock);
        _sessions = new(loop, SessionUse.Data, static connection => new(connection), _time);
        _timer = _time.CreateTimer(_ => HandleTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        loop.Serve(SessionUse.Data, ServeAsync);
        loop.Tasks.TryRun(WatchAsync);
    }

    internal DataOptions Limits => _options;

    private TimeSpan Now => _time.GetElapsedTime(_start);

    private long Wall => _time.GetUtcNow().ToUnixTimeMilliseconds() + Volatile.Read(ref _bestAhead);

    /// <summary>Opens a collection, which this node then holds and exchanges with others that hold it, also when it is started again.</summary>
    /// <param name="name">Its name, the same on all nodes: 1 to 64 characters from a-z, 0-9, '.', '-' and '_'.</param>
    /// <param name="scope">Whose it is.</param>
    /// <exception cref="CocoException"><see cref="CocoError.Overloaded"/>: the node holds as many as it may.</exception>
    public DataCollection Open(string name = DefaultName, CollectionScope scope = CollectionScope.User)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == CollectionKeys.Collection) { throw new ArgumentException($"The collection {name} has the keys of the others, and is not for apps.", nameof(name)); }
        DataCollection? collection;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            var full = scope is CollectionScope.User ? CollectionName.OfUser(_loop.View.User, AppOfSelf(), name) : CollectionName.Shared(name);
            if (_collections.TryGetValue(full.Id, out collection)) { return collection; }
            var seal = SealOf(full);
            if ((scope is CollectionScope.User && !TryOpenKeys(full)) || _exchange.Open(full, seal.See) is not { } table)
            {
                throw new CocoException(CocoError.Overloaded, $"This node holds {_options.MaxCollections} collections already. Put entries into fewer, or allow more in {nameof(DataOptions)}.");
            }
            _collections.Add(full.Id, collection = new(this, table, seal));
        }
        Refresh();
        return collection;
    }

    /// <summary>As <see cref="DataCollection.PutAsync"/>, in the user's collection <c>default</c>.</summary>
    public Task<EntryVersion> PutAsync(string key, ReadOnlyMemory<byte> value, PutOptions? options = null, CancellationToken cancellationToken = default) =>
        Open().PutAsync(key, value, options, cancellationToken);

    /// <summary>As <see cref="DataCollection.GetAsync"/>, in the user's collection <c>default</c>.</summary>
    public Task<DataEntry?> GetAsync(string key, CancellationToken cancellationToken = default) => Open().GetAsync(key, cancellationToken);

    /// <summary>As <see cref="DataCollection.DeleteAsync"/>, in the user's collection <c>default</c>.</summary>
    public Task<bool> DeleteAsync(string key, PutOptions? options = null, CancellationToken cancellationToken = default) => Open().DeleteAsync(key, options, cancellationToken);

    /// <summary>As <see cref="DataCollection.ListAsync"/>, in the user's collection <c>default</c>.</summary>
    public IAsyncEnumerable<DataEntry> ListAsync(string prefix = "", CancellationToken cancellationToken = default) => Open().ListAsync(prefix, cancellationToken);

    /// <summary>As <see cref="DataCollection.WatchAsync"/>, in the user's collection <c>default</c>.</summary>
    public IAsyncEnumerable<EntryChange> WatchAsync(string prefix = "", CancellationToken cancellationToken = default) => Open().WatchAsync(prefix, cancellationToken);

    /// <summary>Opens what is kept on disk; the node's part, before its loop starts.</summary>
    internal async Task OpenAsync(MemberStore? store)
    {
        if (store is null || _nodeOptions.StorePath is not { } path || _nodeOptions.StorePolicy is not StorePolicy.Full) { return; }
        try
        {
            var key = await store.KeyOfAsync("data").ConfigureAwait(false);
            await Task.Run(() => OpenOnDisk(path, key)).ConfigureAwait(false);
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
        }
        catch (StoreException exception)
        {
            throw Failures.Of(exception);
        }
    }

    /// <summary>Stops exchanging data, as disposing of the node does, whose part it is.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isClosed) { return; }
            _isClosed = true;
        }
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var collection in _collections.Values) { collection.Close(); }
        End(WireError.SessionEnded, static _ => true);
        _blobs.Dispose();
        await _sessions.CloseAsync().ConfigureAwait(false);
        await _journal.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private void OpenOnDisk(string path, byte[] key)
    {
        lock (_lock)
        {
            _journal.Open(path + ".data", key);
            if (_keys.TakeChanged()) { _exchange.HandleKeys(name => !IsForOthers(name), Now); } // what is sealed under them may stand before them
            _blobs.Open(path + ".blobs");
        }
    }

    private Cluster.AppId AppOfSelf() => _loop.View.Members.FirstOrDefault(member => member.Id == _loop.Self)?.App ?? _nodeOptions.App ?? default;
}
