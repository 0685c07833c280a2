using System.Buffers.Binary;
using Coco.Data.Core;
using Coco.Storage.Sealing;
using Microsoft.Win32.SafeHandles;

namespace Coco.Data;

/// <summary>
/// A blob, or a part of one, on disk. Chunks can be read and written at once; the rest is one caller's at a time.
/// <code>
/// NAME.blob = chunks, each an envelope (<see cref="Envelope"/>; associated data: 0 ‖ index u64) at index × (64 KiB + 40)
/// NAME.tree = leaves of the tree, 1,024 an envelope (associated data: 1 ‖ number u64) at number × (32 KiB + 40); of whole blobs only
/// NAME.have = one bit for each chunk that is there; of others
/// </code>
/// NAME is random, as is the key; both are in the log.
/// </summary>
internal sealed class BlobFile : IDisposable
{
    private const int SlotSize = BlobTree.ChunkSize + Envelope.Overhead;
    private const int TreeSlotSize = (BlobTree.GroupSize * Digest.Size) + Envelope.Overhead;

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly Action<int>? _beforeWrite;
    private readonly Lock _lock = new(); // guards what is there of the chunks, and the tree in memory
    private byte[]? _have; // null where all is there
    private int _count;
    private Digest[]? _roots; // of the groups
    private Digest[] _group = [];
    private int _groupNumber = -1;

    public BlobFile(string path, BlobRecord record, bool isNew, Action<int>? beforeWrite)
    {
        (_path, Record, _beforeWrite) = (path, record, beforeWrite);
        var options = new FileStreamOptions { Mode = isNew ? FileMode.CreateNew : FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
        if (isNew && !OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
        using (var stream = new FileStream(path + ".blob", options)) { }
        _file = File.OpenHandle(path + ".blob", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
        if (record.IsWhole) { return; }
        _have = new byte[(BlobTree.ChunksOf(record.Length) + 7) / 8];
        if (!isNew && File.Exists(path + ".have") && File.ReadAllBytes(path + ".have") is { } known && known.Length == _have.Length) { _have = known; }
        for (var i = 0; i < BlobTree.ChunksOf(record.Length); i++) { _count += Has(i) ? 1 : 0; }
    }

    public BlobRecord Record { get; set; }

    public int Chunks => BlobTree.ChunksOf(Record.Length);

    /// <summary>Chunks that are there.</summary>
    public int Count => _have is null ? Chunks : Volatile.Read(ref _count);

    public bool IsComplete => Count == Chunks;

    public bool Has(int chunk)
    {
        lock (_lock) { return _have is null || (_have[chunk >> 3] & (1 << (chunk & 7))) != 0; }
    }

    public void Write(int chunk, ReadOnlySpan<byte> plain)
    {
        var slot = new byte[plain.Length + Envelope.Overhead];
        Envelope.Seal(Record.Key, DataOf(0, chunk), plain, slot);
        _beforeWrite?.Invoke(slot.Length);
        RandomAccess.Write(_file, slot, (long)chunk * SlotSize);
        lock (_lock)
        {
            if (_have is null || (_have[chunk >> 3] & (1 << (chunk & 7))) != 0) { return; }
            _have[chunk >> 3] |= (byte)(1 << (chunk & 7));
            _count++;
        }
    }

    /// <summary>A chunk's bytes.</summary>
    /// <exception cref="CocoException">They are not what was written.</exception>
    public byte[] Read(int chunk)
    {
        var slot = new byte[BlobTree.LengthOf(chunk, Record.Length) + Envelope.Overhead];
        if (Fill(_file, slot, (long)chunk * SlotSize) && Envelope.TryOpen(Record.Key, DataOf(0, chunk), slot, out var plain)) { return plain.ToArray(); }
        throw Damaged();
    }

    /// <summary>Writes down what is there, once it is on the disk.</summary>
    public void Save()
    {
        byte[] have;
        lock (_lock)
        {
            if (_have is null) { return; }
            have = [.. _have];
        }
        RandomAccess.FlushToDisk(_file);
        WriteAtomically(_path + ".have", have);
    }

    /// <summary>All chunks are there: makes the tree. False where it is not that of the blob, which does not happen as long as the disk keeps what it is given.</summary>
    public bool Finish()
    {
        var leaves = new List<Digest>();
        var roots = new List<Digest>();
        using var tree = OpenTree(FileMode.Create);
        for (var chunk = 0; chunk < Chunks; chunk++)
        {
            leaves.Add(BlobTree.Leaf(Read(chunk)));
            if (leaves.Count < BlobTree.GroupSize && chunk < Chunks - 1) { continue; }
            WriteGroup(tree, roots.Count, leaves);
            roots.Add(BlobTree.Root(leaves));
            leaves.Clear();
        }
        if (BlobTree.IdOf(Record.Length, BlobTree.Root(roots)) != Record.Id) { return false; }
        RandomAccess.FlushToDisk(_file);
        RandomAccess.FlushToDisk(tree);
        lock (_lock) { (_have, _roots) = (null, [.. roots]); }
        File.Delete(_path + ".have");
        return true;
    }

    /// <summary>The hashes that show that a chunk is one of the blob; of a whole one.</summary>
    public Digest[] ProofOf(int chunk)
    {
        lock (_lock)
        {
            _roots ??= [.. Enumerable.Range(0, (Chunks + BlobTree.GroupSize - 1) / BlobTree.GroupSize).Select(number => BlobTree.Root(Group(number)))];
            var proof = new List<Digest>();
            BlobTree.AddProof(proof, Group(chunk / BlobTree.GroupSize), chunk % BlobTree.GroupSize);
            BlobTree.AddProof(proof, _roots, chunk / BlobTree.GroupSize);
            return [.. proof];
        }
    }

    public void Delete()
    {
        Dispose();
        foreach (var end in new[] { ".blob", ".tree", ".have" }) { File.Delete(_path + end); }
    }

    public void Dispose() => _file.Dispose();

    public CocoException Damaged() => new(CocoError.StoreDamaged, $"The blob {Record.Id} is damaged on this node's disk, in {_path}.blob. Release it here, and it comes anew from a node that has it.");

    private void WriteGroup(SafeFileHandle tree, int number, List<Digest> leaves)
    {
        var plain = new byte[leaves.Count * Digest.Size];
        for (var i = 0; i < leaves.Count; i++) { leaves[i].CopyTo(plain.AsSpan(i * Digest.Size)); }
        var slot = new byte[plain.Length + Envelope.Overhead];
        Envelope.Seal(Record.Key, DataOf(1, number), plain, slot);
        _beforeWrite?.Invoke(slot.Length);
        RandomAccess.Write(tree, slot, (long)number * TreeSlotSize);
    }

    // Under the lock.
    private Digest[] Group(int number)
    {
        if (number == _groupNumber) { return _group; }
        var count = Math.Min(BlobTree.GroupSize, Chunks - (number * BlobTree.GroupSize));
        var slot = new byte[(count * Digest.Size) + Envelope.Overhead];
        using var tree = OpenTree(FileMode.Open);
        if (!Fill(tree, slot, (long)number * TreeSlotSize) || !Envelope.TryOpen(Record.Key, DataOf(1, number), slot, out var plain)) { throw Damaged(); }
        _group = new Digest[count];
        for (var i = 0; i < count; i++) { _group[i] = Digest.Read(plain[(i * Digest.Size)..]); }
        _groupNumber = number;
        return _group;
    }

    private SafeFileHandle OpenTree(FileMode mode)
    {
        var tree = File.OpenHandle(_path + ".tree", mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        if (mode is FileMode.Create && !OperatingSystem.IsWindows()) { File.SetUnixFileMode(tree, UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        return tree;
    }

    private static void WriteAtomically(string path, byte[] bytes)
    {
        using (var file = File.OpenHandle(path + ".new", FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, bytes, 0);
            RandomAccess.FlushToDisk(file);
        }
        File.Move(path + ".new", path, overwrite: true);
    }

    private static bool Fill(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        while (buffer.Length > 0)
        {
            var read = RandomAccess.Read(file, buffer, offset);
            if (read == 0) { return false; }
            buffer = buffer[read..];
            offset += read;
        }
        return true;
    }

    private static byte[] DataOf(byte kind, int number)
    {
        var data = new byte[1 + sizeof(long)];
        data[0] = kind;
        BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(1), number);
        return data;
    }
}
