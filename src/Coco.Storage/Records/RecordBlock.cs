using System.Buffers;
using System.Buffers.Binary;
using Coco.Storage.Sealing;

namespace Coco.Storage.Records;

/// <summary>
/// Records that are written together.
/// <code>
/// segment = "CoLg" ‖ version u16 (1) ‖ its complement u16 ‖ number u64 ‖ block × …
/// block   = "CoBl" ‖ length u32 ‖ its complement u32 ‖ envelope of so many bytes
/// envelope of group u64 ‖ ( length u32 ‖ record ) × …, with "blk1" ‖ number u64 ‖ offset in the segment u64 as associated data
/// </code>
/// Integers are big endian; group is the offset at which what was synced together begins. The envelope's tag is the checksum: a block at another place, or of another log, does not open.
/// </summary>
internal sealed class RecordBlock(long first, int capacity, bool beginsSegment)
{
    public const int SegmentHeaderSize = 16;
    public const int HeaderSize = 12;
    public const int Overhead = HeaderSize + Envelope.Overhead;

    private const int ContentAt = HeaderSize + Envelope.SaltSize;
    private const uint Magic = 0x436F_426C;
    private const uint SegmentMagic = 0x436F_4C67;
    private const int AadSize = 20;
    private const int GroupSize = sizeof(long);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(capacity + GroupSize + Overhead);

    /// <summary>Number of its first record.</summary>
    public long First => first;

    public bool BeginsSegment => beginsSegment;

    public int Count { get; private set; }

    public int ContentLength { get; private set; } = GroupSize;

    public int Length => ContentLength + Overhead;

    public bool IsEmpty => Count == 0;

    /// <summary>Adds a record of so many bytes, which the caller fills in.</summary>
    public Span<byte> Add(int length)
    {
        var needed = ContentAt + ContentLength + sizeof(int) + length + Overhead;
        if (needed > _buffer.Length) { Grow(needed); }
        var at = ContentAt + ContentLength;
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(at), length);
        ContentLength += sizeof(int) + length;
        Count++;
        return _buffer.AsSpan(at + sizeof(int), length);
    }

    /// <summary>The block as it is written at a place; once.</summary>
    public ReadOnlyMemory<byte> Seal(ReadOnlySpan<byte> key, ulong segment, long offset, long group)
    {
        BinaryPrimitives.WriteInt64BigEndian(_buffer.AsSpan(ContentAt), group);
        Span<byte> aad = stackalloc byte[AadSize];
        WriteAad(aad, segment, offset);
        WriteHeader(_buffer, ContentLength + Envelope.Overhead);
        Envelope.Seal(key, aad, _buffer.AsSpan(ContentAt, ContentLength), _buffer.AsSpan(HeaderSize, ContentLength + Envelope.Overhead));
        return _buffer.AsMemory(0, Length);
    }

    public void Return()
    {
        _buffer.AsSpan(0, Math.Min(_buffer.Length, Length)).Clear(); // it may have been given up unsealed
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    public static void WriteSegmentHeader(Span<byte> header, ulong segment)
    {
        BinaryPrimitives.WriteUInt32BigEndian(header, SegmentMagic);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], 0x0001_FFFE); // as in store files: a flipped bit is damage, not another version
        BinaryPrimitives.WriteUInt64BigEndian(header[8..], segment);
    }

    /// <summary>Bytes of the envelope behind a header; 0 where this is none.</summary>
    public static int ReadHeader(ReadOnlySpan<byte> header, int maxLength)
    {
        if (header.Length < HeaderSize || BinaryPrimitives.ReadUInt32BigEndian(header) != Magic) { return 0; }
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        return BinaryPrimitives.ReadUInt32BigEndian(header[8..]) == ~length && length >= Envelope.Overhead && length <= maxLength ? (int)length : 0;
    }

    /// <summary>Opens an envelope in place.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> key, ulong segment, long offset, Span<byte> envelope, out long group, out Span<byte> records)
    {
        Span<byte> aad = stackalloc byte[AadSize];
        WriteAad(aad, segment, offset);
        group = 0;
        records = default;
        if (!Envelope.TryOpen(key, aad, envelope, out var content) || content.Length < GroupSize) { return false; }
        group = BinaryPrimitives.ReadInt64BigEndian(content);
        records = content[GroupSize..];
        return true;
    }

    /// <summary>The next record of a content. False at its end, or where it makes no sense.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> content, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (content.Length < sizeof(int)) { return false; }
        var length = BinaryPrimitives.ReadUInt32BigEndian(content);
        if (length > content.Length - sizeof(int)) { return false; }
        record = content.Slice(sizeof(int), (int)length);
        content = content[(sizeof(int) + (int)length)..];
        return true;
    }

    private static void WriteHeader(Span<byte> header, int length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(header, Magic);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], (uint)length);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], ~(uint)length);
    }

    private static void WriteAad(Span<byte> aad, ulong segment, long offset)
    {
        "blk1"u8.CopyTo(aad);
        BinaryPrimitives.WriteUInt64BigEndian(aad[4..], segment);
        BinaryPrimitives.WriteInt64BigEndian(aad[12..], offset);
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(2 * _buffer.Length, 2 << 20)));
        _buffer.AsSpan(0, ContentAt + ContentLength).CopyTo(larger);
        _buffer.AsSpan(0, ContentAt + ContentLength).Clear();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
