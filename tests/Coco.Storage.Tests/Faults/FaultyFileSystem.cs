namespace Coco.Storage.Tests.Faults;

/// <summary>
/// A file system of SQLite's around the system's own that fails on demand. It counts what changes files: writes, truncations, syncs,
/// deletions. At the one numbered <see cref="CrashAt"/> the process or the machine "dies": half of a write is done, the rest not, and
/// from then on nothing works. What is left is looked at through the system's own file system.
/// </summary>
internal sealed partial class FaultyFileSystem : IDisposable
{
    private const int Sector = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, TrackedFile> _files = new(StringComparer.Ordinal);

    /// <summary>The number of the operation that is not survived, from 1; none by default.</summary>
    public long CrashAt { get; set; } = long.MaxValue;

    /// <summary>What has been counted.</summary>
    public long Operations { get; private set; }

    public bool HasCrashed => Operations >= CrashAt;

    /// <summary>Whether there is room for no more writing.</summary>
    public volatile bool IsFull;

    /// <summary>Whether the next sync fails, once.</summary>
    public volatile bool FailsNextSync;

    /// <summary>
    /// After a crash: makes of it a power cut. Of what was not synced, each write is there, not there, or there in some of its sectors, and
    /// each truncation and deletion may be undone.
    /// </summary>
    public void CutPower(Random random)
    {
        foreach (var file in _files.Values)
        {
            if (file.Synced is null && random.Next(2) == 0)
            {
                File.Delete(file.Path);
                continue;
            }
            if (file.IsDeleted && random.Next(2) == 0) { continue; }

            var image = new MemoryStream();
            image.Write(file.Synced ?? []);
            foreach (var change in file.Unsynced) { change.ApplyPartly(image, random); }
            File.WriteAllBytes(file.Path, image.ToArray());
        }
    }

    private TrackedFile Track(string path, byte[] content)
    {
        lock (_gate)
        {
            if (_files.TryGetValue(path, out var known))
            {
                if (known.IsDeleted) { known.Recreate(); }
                return known;
            }
            // What is there before the first opening is on the disk; what the opening makes is not until it is synced.
            return _files[path] = new(this, path, content.Length == 0 ? null : content);
        }
    }

    /// <summary>How many of the bytes are to be written: all, half or none.</summary>
    private int Write(TrackedFile file, ReadOnlySpan<byte> bytes, long offset)
    {
        lock (_gate)
        {
            if (HasCrashed) { return 0; }
            Operations++;
            file.Unsynced.Add(new(offset, bytes.ToArray()));
            return HasCrashed ? bytes.Length / 2 : bytes.Length;
        }
    }

    private bool Truncate(TrackedFile file, long size)
    {
        lock (_gate)
        {
            if (!Counts()) { return false; }
            file.Unsynced.Add(new(size, null));
            return true;
        }
    }

    private bool Sync(TrackedFile file)
    {
        lock (_gate)
        {
            if (FailsNextSync)
            {
                FailsNextSync = false;
                return false;
            }
            if (!Counts()) { return false; }
            file.Sync();
            return true;
        }
    }

    private bool Delete(string path)
    {
        lock (_gate)
        {
            if (!Counts()) { return false; }
            if (_files.TryGetValue(path, out var file)) { file.IsDeleted = true; }
            return true;
        }
    }

    private bool Counts()
    {
        if (HasCrashed) { return false; }
        Operations++;
        return !HasCrashed;
    }

    private sealed class TrackedFile(FaultyFileSystem system, string path, byte[]? synced)
    {
        public FaultyFileSystem System => system;

        public string Path => path;

        /// <summary>What is on the disk for sure; null while not even the name is.</summary>
        public byte[]? Synced { get; private set; } = synced;

        public List<FileChange> Unsynced { get; } = [];

        public bool IsDeleted { get; set; }

        public void Sync()
        {
            var image = new MemoryStream();
            image.Write(Synced ?? []);
            foreach (var change in Unsynced) { change.Apply(image); }
            Unsynced.Clear();
            Synced = image.ToArray();
        }

        public void Recreate()
        {
            (IsDeleted, Synced) = (false, null);
            Unsynced.Clear();
        }
    }

    /// <summary>A write, or a truncation where there are no bytes.</summary>
    private sealed record FileChange(long At, byte[]? Bytes)
    {
        public void Apply(MemoryStream image)
        {
            if (Bytes is null)
            {
                image.SetLength(At);
                return;
            }
            image.Position = At;
            image.Write(Bytes);
        }

        public void ApplyPartly(MemoryStream image, Random random)
        {
            switch (random.Next(3))
            {
                case 0: break;
                case 1: Apply(image); break;
                default:
                    for (var at = 0; Bytes is not null && at < Bytes.Length; at += Sector)
                    {
                        if (random.Next(2) == 0) { new FileChange(At + at, Bytes[at..Math.Min(at + Sector, Bytes.Length)]).Apply(image); }
                    }
                    break;
            }
        }
    }
}
