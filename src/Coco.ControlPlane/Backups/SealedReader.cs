using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Backups;

/// <summary>Reads the chunks of a backup, each of which is verified before any of it is handed out.</summary>
internal sealed class SealedReader : Stream
{
    private readonly Stream _file;
    private readonly ChaCha20Poly1305 _aead;
    private readonly byte[] _plain = new byte[BackupFormat.ChunkSize];
    private int _offset;
    private int _count;
    private long _number;

    /// <summary>Begins to read.</summary>
    /// <exception cref="StorageException">It is no backup.</exception>
    public SealedReader(Stream file, ServerSecret secret)
    {
        _file = file;
        var head = new byte[BackupFormat.Magic.Length + 1 + BackupFormat.SaltSize];
        if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head.AsSpan().StartsWith(BackupFormat.Magic)) { throw Damaged("is no backup of a control plane"); }
        if (head[BackupFormat.Magic.Length] != BackupFormat.Version) { throw Damaged($"has version {head[BackupFormat.Magic.Length]}, which this program does not know; use the one that made it, or a later one"); }
        _aead = new(secret.Derive("backup", head.AsSpan(BackupFormat.Magic.Length + 1)));
    }

    /// <summary>Whether the last chunk was read: only then the backup is whole.</summary>
    public bool IsWhole { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (_offset == _count && !IsWhole) { ReadChunk(); }
        var taken = Math.Min(buffer.Length, _count - _offset);
        _plain.AsSpan(_offset, taken).CopyTo(buffer);
        _offset += taken;
        return taken;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) { _aead.Dispose(); }
        base.Dispose(disposing);
    }

    private void ReadChunk()
    {
        Span<byte> head = stackalloc byte[4];
        if (_file.ReadAtLeast(head, 4, throwOnEndOfStream: false) < 4) { throw Damaged("ends too early: it is not all of the backup"); }
        var length = BinaryPrimitives.ReadInt32BigEndian(head);
        if (length is < BackupFormat.TagSize or > BackupFormat.ChunkSize + BackupFormat.TagSize) { throw Damaged("is damaged"); }
        var box = new byte[length];
        if (_file.ReadAtLeast(box, length, throwOnEndOfStream: false) < length) { throw Damaged("ends too early: it is not all of the backup"); }
        (_offset, _count) = (0, length - BackupFormat.TagSize);
        // Which chunk is the last is part of what is verified: try the ordinary one first.
        if (!TryOpen(box, isLast: false))
        {
            if (!TryOpen(box, isLast: true)) { throw Damaged("is damaged, or was made with another secret file"); }
            if (_file.ReadByte() >= 0) { throw Damaged("goes on behind its end: somebody has added to it"); }
            IsWhole = true;
        }
        _number++;
    }

    private bool TryOpen(byte[] box, bool isLast)
    {
        try
        {
            _aead.Decrypt(BackupFormat.Nonce(_number, isLast), box.AsSpan(0, _count), box.AsSpan(_count), _plain.AsSpan(0, _count));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static StorageException Damaged(string how) => new($"The file {how}. Nothing was restored.", isFull: false);
}
