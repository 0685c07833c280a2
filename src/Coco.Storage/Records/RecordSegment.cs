using Coco.Crypto.Native;
using Microsoft.Win32.SafeHandles;

namespace Coco.Storage.Records;

/// <summary>One file of a <see cref="RecordLog"/>, and where its blocks are.</summary>
internal sealed class RecordSegment(string path, ulong number, SafeFileHandle file) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly List<Place> _blocks = [];

    public ulong Number => number;

    public SafeFileHandle File => file;

    public string Path => path;

    /// <summary>Bytes that are known to be on the disk, as whole blocks.</summary>
    public long Size { get; set; } = RecordBlock.SegmentHeaderSize;

    /// <summary>Records that somebody still needs, and their bytes.</summary>
    public long Live { get; set; }

    public long LiveBytes { get; set; }

    public bool IsEmpty => _blocks.Count == 0;

    public long First => _blocks.Count == 0 ? long.MaxValue : _blocks[0].First;

    public long End => _blocks.Count == 0 ? long.MaxValue : _blocks[^1].First + _blocks[^1].Count;

    /// <summary>Makes the file, durably, with its header.</summary>
    public static RecordSegment Create(string folder, ulong number)
    {
        var path = PathOf(folder, number);
        var file = System.IO.File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            if (!OperatingSystem.IsWindows()) { System.IO.File.SetUnixFileMode(file, OwnerOnly); }
            Span<byte> header = stackalloc byte[RecordBlock.SegmentHeaderSize];
            RecordBlock.WriteSegmentHeader(header, number);
            RandomAccess.Write(file, header, 0);
            RandomAccess.FlushToDisk(file);
            if (OperatingSystem.IsLinux()) { LinuxFiles.TrySyncFolder(folder); }
            return new(path, number, file);
        }
        catch
        {
            file.Dispose();
            System.IO.File.Delete(path);
            throw;
        }
    }

    public static string PathOf(string folder, ulong number) => System.IO.Path.Combine(folder, $"{number:x16}.log");

    public void Add(long first, int count, long offset, int length) => _blocks.Add(new(first, count, offset, length));

    /// <summary>The block that has a record.</summary>
    public bool TryFind(long record, out long first, out long offset, out int length)
    {
        var (low, high) = (0, _blocks.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var block = _blocks[middle];
            if (record < block.First) { high = middle - 1; }
            else if (record >= block.First + block.Count) { low = middle + 1; }
            else
            {
                (first, offset, length) = block;
                return true;
            }
        }
        (first, offset, length) = (0, 0, 0);
        return false;
    }

    public void Delete()
    {
        file.Dispose();
        System.IO.File.Delete(path);
    }

    public void Dispose() => file.Dispose();

    private readonly record struct Place(long First, int Count, long Offset, int Length)
    {
        public void Deconstruct(out long first, out long offset, out int length) => (first, offset, length) = (First, Offset, Length);
    }
}
