using System.Security.Cryptography;

namespace Coco.Data;

/// <summary>The blobs on this node's disk; where the node has no store, in a folder for temporary files, under keys that go with the process. Thread-safe.</summary>
internal sealed class BlobStore(DataOptions options, DataJournal journal, Lock gate) : IDisposable
{
    private const int NoSpace = 28, OverQuota = 122, TooLarge = 27; // ENOSPC, EDQUOT, EFBIG, which .NET gives as they are
    private const int WindowsNoSpace = unchecked((int)0x8007_0070);

    private readonly Dictionary<BlobId, BlobFile> _open = []; // under the gate
    private string? _folder;
    private bool _isTemporary;
    private bool _isClosed;

    /// <summary>Uses a folder, and deletes what the log knows nothing of: it was interrupted.</summary>
    public void Open(string folder)
    {
        _folder = folder;
        if (!Directory.Exists(folder)) { return; }
        var known = journal.Blobs.Values.Select(static blob => blob.File.ToString("N")).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(path).Split('.')[0];
            if (Guid.TryParseExact(name, "N", out _) && !known.Contains(name)) { File.Delete(path); }
        }
    }

    /// <summary>A blob of which something is here.</summary>
    public BlobFile? Find(BlobId id)
    {
        lock (gate)
        {
            if (_open.TryGetValue(id, out var file)) { return file; }
            if (_isClosed || !journal.Blobs.TryGetValue(id, out var record)) { return null; }
            try
            {
                file = new(PathOf(record), record, isNew: false, options.BeforeWrite);
            }
            catch (IOException)
            {
                journal.Remove(id); // its file is gone
                return null;
            }
            _open.Add(id, file);
            return file;
        }
    }

    /// <summary>A blob of which nothing need be here yet.</summary>
    public BlobFile Begin(BlobId id, long length)
    {
        lock (gate)
        {
            if (Find(id) is { } known) { return known; }
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            CheckRoom(length);
            var record = NewRecord(id, length);
            var file = new BlobFile(PathOf(record), record, isNew: true, options.BeforeWrite);
            journal.Set(record);
            _open.Add(id, file);
            return file;
        }
    }

    /// <summary>Reads a stream to its end, and keeps it.</summary>
    public async Task<BlobRecord> AddAsync(Stream source, CancellationToken cancellationToken)
    {
        BlobRecord record;
        BlobFile file;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            record = NewRecord(default, BlobTree.MaxLength);
            file = new(PathOf(record), record with { IsWhole = true }, isNew: true, options.BeforeWrite);
        }
        try
        {
            var (length, root) = await CopyAsync(source, file, cancellationToken).ConfigureAwait(false);
            record = record with { Id = BlobTree.IdOf(length, root), Length = length, IsWhole = true };
            file.Record = record;
            if (!await Task.Run(file.Finish, CancellationToken.None).ConfigureAwait(false)) { throw file.Damaged(); }
        }
        catch (Exception exception)
        {
            file.Delete();
            if (exception is IOException io and not CocoException) { throw Of(io); }
            throw;
        }
        return Keep(file);
    }

    /// <summary>All of a blob is here now.</summary>
    public void Complete(BlobFile file)
    {
        if (!file.Finish()) { throw file.Damaged(); }
        lock (gate)
        {
            file.Record = file.Record with { IsWhole = true };
            if (journal.Blobs.ContainsKey(file.Record.Id)) { journal.Set(file.Record); }
        }
    }

    public void Pin(BlobFile file, bool isPinned)
    {
        lock (gate)
        {
            file.Record = file.Record with { IsPinned = isPinned };
            journal.Set(file.Record);
        }
    }

    public void Remove(BlobId id)
    {
        lock (gate)
        {
            if (Find(id) is not { } file) { return; }
            _open.Remove(id);
            journal.Remove(id);
            file.Delete();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            _isClosed = true;
            foreach (var file in _open.Values)
            {
                try
                {
                    file.Save();
                }
                catch (IOException)
                {
                    // What was not written down is fetched again.
                }
                file.Dispose();
            }
            _open.Clear();
            if (_isTemporary) { Directory.Delete(_folder!, recursive: true); }
        }
    }

    /// <summary>What the system says of a write, in our words.</summary>
    public static CocoException Of(IOException exception) => exception is { HResult: NoSpace or OverQuota or TooLarge or WindowsNoSpace }
        ? new(CocoError.StoreFull, "The blob could not be stored: the disk is full. Free some space and try again; what came of it is used then.", exception)
        : new(CocoError.StoreFailed, $"The blob could not be stored: {exception.Message.TrimEnd('.')}. Check the folder, its permissions and the disk.", exception);

    private async Task<(long Length, Core.Digest Root)> CopyAsync(Stream source, BlobFile file, CancellationToken cancellationToken)
    {
        var buffer = new byte[BlobTree.ChunkSize];
        var (leaves, roots) = (new List<Core.Digest>(), new List<Core.Digest>());
        var (length, chunk) = (0L, 0);
        while (true)
        {
            var read = await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (read == 0 && chunk > 0) { break; }
            file.Write(chunk++, buffer.AsSpan(0, read));
            length += read;
            leaves.Add(BlobTree.Leaf(buffer.AsSpan(0, read)));
            if (leaves.Count == BlobTree.GroupSize)
            {
                roots.Add(BlobTree.Root(leaves));
                leaves.Clear();
                lock (gate) { CheckRoom(length); } // whoever reads without end is stopped
            }
            if (read < buffer.Length) { break; }
        }
        CryptographicOperations.ZeroMemory(buffer);
        if (leaves.Count > 0) { roots.Add(BlobTree.Root(leaves)); }
        return (length, BlobTree.Root(roots));
    }

    private BlobRecord Keep(BlobFile file)
    {
        var record = file.Record;
        lock (gate)
        {
            if (Find(record.Id) is { Record.IsWhole: true } known)
            {
                file.Delete();
                return known.Record;
            }
            try
            {
                Remove(record.Id); // what had come of it
                CheckRoom(record.Length);
                journal.Set(record);
            }
            catch
            {
                file.Delete();
                throw;
            }
            _open.Add(record.Id, file);
            return record;
        }
    }

    // Under the gate.
    private void CheckRoom(long length)
    {
        var used = journal.Blobs.Values.Sum(static blob => blob.Length);
        if (journal.Blobs.Count >= options.MaxBlobs || used + length > options.MaxBlobBytes)
        {
            throw new CocoException(CocoError.Overloaded, $"{journal.Blobs.Count} blobs of {used} bytes are here already, and no more of {length} bytes may be. Release some, or allow more in {nameof(DataOptions)}.");
        }
    }

    private static BlobRecord NewRecord(BlobId id, long length) => new(id, length, Guid.NewGuid(), RandomNumberGenerator.GetBytes(32), IsWhole: false, IsPinned: false);

    private string PathOf(BlobRecord record)
    {
        if (_folder is null)
        {
            _folder = Directory.CreateTempSubdirectory("coco-blobs-").FullName;
            _isTemporary = true;
        }
        else if (!Directory.Exists(_folder))
        {
            if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(_folder); }
            else { Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
        }
        return Path.Combine(_folder, record.File.ToString("N"));
    }
}
