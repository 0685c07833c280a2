using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Coco.Storage.Files;
using Coco.Storage.Sealing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Storage;

/// <summary>
/// What a node knows, at rest: tables of keys and values in one encrypted, authenticated file that survives crashes. Thread-safe; only
/// one store has a file open at a time. DESIGN.md says what the file shows, and what it cannot protect from.
/// </summary>
public sealed partial class NodeStore : IAsyncDisposable
{
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly StoreFile? _file;
    private readonly SealedDatabase? _disk;   // null: an ephemeral store
    private readonly SealedDatabase? _memory; // null: everything is on disk

    private readonly Lock _gate = new();      // guards the databases and the two below; nothing else is locked within
    private StoreException? _failure;
    private bool _disposed;

    private NodeStore(string path, StoreOptions options, StoreFile? file, SealedDatabase? disk)
    {
        (_path, Options, _file, _disk) = (path, options, file, disk);
        _logger = options.Logger ?? NullLogger.Instance;
        _memory = options.Policy is StorePolicy.Full ? null : SealedDatabase.InMemory(options);
        _commits = Channel.CreateBounded<Commit>(new BoundedChannelOptions(options.MaxWaitingCommits) { SingleReader = true });
        _committing = Task.Run(WriteCommitsAsync);
    }

    /// <summary>
    /// Grows with each commit and is authenticated. A store that is put back to an older state as a whole shows a smaller number
    /// than before, and nothing else gives that away: who needs to know keeps the number elsewhere.
    /// </summary>
    public ulong Version
    {
        get
        {
            lock (_gate) { return OnDisk().Version; }
        }
    }

    internal StoreOptions Options { get; }

    /// <summary>
    /// Opens a store and checks all of it, or makes a new one. A passphrase takes about 0.2 s and 64 MiB. A rotation that was
    /// interrupted is finished first.
    /// </summary>
    /// <param name="path">The file. Beside it stands a file of the same name and "-wal" while the store is open.</param>
    /// <param name="key">What opens it. Not kept.</param>
    /// <param name="options">How to open it. Default: made if it is not there, everything on disk.</param>
    /// <param name="cancellationToken">Cancels up to the moment the store is open.</param>
    /// <exception cref="StoreException">The file is left as it is.</exception>
    public static async Task<NodeStore> OpenAsync(
        string path, StoreKey key, StoreOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(key);
        options ??= new();
        if (options.Policy is StorePolicy.None) { return new(path, options, null, null); }

        // Passphrase hashing and files: not on the caller's thread.
        return await Task.Run(() => Open(path, key, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The value of a key, as of the last commit. May wait for one that is being written.</summary>
    public bool TryGet(StoreTable table, ReadOnlySpan<byte> key, [NotNullWhen(true)] out byte[]? value)
    {
        CheckKey(table, key);
        lock (_gate) { return DatabaseOf(table).TryGet(table, key, out value); }
    }

    /// <summary>All of a table as of one moment, in no order. May wait for a commit that is being written.</summary>
    public IReadOnlyList<StoreRow> Scan(StoreTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        lock (_gate) { return DatabaseOf(table).Scan(table); }
    }

    /// <summary>Begins a set of changes. Costs nothing until they are committed; needs no end if they are not.</summary>
    public StoreTransaction Begin() => new(this);

    /// <summary>Commits what is waiting, moves the log into the file and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        _commits.Writer.TryComplete();
        await _committing.ConfigureAwait(false);
        lock (_gate)
        {
            if (_disposed) { return; }

            _disposed = true;
            _disk?.Dispose();
            _memory?.Dispose();
            _file?.Dispose(); // the lock last
        }
        _rotation.Dispose();
    }

    internal static void CheckKey(StoreTable table, ReadOnlySpan<byte> key, [CallerArgumentExpression(nameof(key))] string name = "")
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, StoreTransaction.MaxKeySize, name);
    }

    private static NodeStore Open(string path, StoreKey key, StoreOptions options, CancellationToken cancellationToken)
    {
        var file = options.Mode is StoreMode.Create ? null : StoreFile.TryOpen(path);
        if (file is null)
        {
            if (options.Mode is StoreMode.Open) { throw new StoreException(StoreError.NotFound, path); }

            Create(path, key, options);
            file = StoreFile.TryOpen(path) ?? throw new StoreException(StoreError.NotFound, path);
        }
        SealedDatabase? disk = null;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.RestrictToOwner(); // first, since SQLite gives the log the permissions of the file
            disk = SealedDatabase.Open(file, key, options);
            cancellationToken.ThrowIfCancellationRequested();
            return Prepare(path, options, file, disk);
        }
        catch
        {
            disk?.Dispose();
            file.Dispose();
            throw;
        }
    }

    private static void Create(string path, StoreKey key, StoreOptions options)
    {
        try
        {
            using var ring = KeyRing.Generate(WrapKey.Generate(key, options));
            StoreFile.Create(path, SealedDatabase.New(ring));
            options.Logger?.StoreCreated(path);
        }
        catch (InsufficientMemoryException e)
        {
            throw new StoreException(StoreError.TooCostly, path, inner: e);
        }
        catch (StoreException e) when (e.Code is StoreError.AlreadyExists && options.Mode is StoreMode.OpenOrCreate)
        {
            return; // another process was faster: its store is opened
        }
    }

    private static NodeStore Prepare(string path, StoreOptions options, StoreFile file, SealedDatabase disk)
    {
        var isFull = false;
        try
        {
            // What a crash left in the log goes to the file first: Connection.Checkpoint says why.
            if (disk.LogSize() > 0) { disk.Checkpoint(); }
            while (disk.IsRotating) { disk.Rotate(); }
            if (options.Policy is StorePolicy.KeysOnly && disk.ForgetAllButKeys() is > 0 and var rows)
            {
                options.Logger?.ForgotAllButKeys(path, rows);
            }
        }
        catch (StoreException e) when (e.Code is StoreError.Full && options.Policy is StorePolicy.Full)
        {
            isFull = true; // what is there can be read, and the next commit tries again
        }
        options.Logger?.StoreOpened(path, disk.Version, disk.Rows);
        return new(path, options, file, disk) { _logMustBeEmptied = isFull };
    }

    private SealedDatabase OnDisk()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _disk ?? _memory!;
    }

    private SealedDatabase DatabaseOf(StoreTable table)
    {
        var disk = OnDisk();
        return IsOnDisk(table) ? disk : _memory!;
    }

    private bool IsOnDisk(StoreTable table) =>
        Options.Policy is StorePolicy.Full || (Options.Policy is StorePolicy.KeysOnly && table.HoldsKeys);
}
