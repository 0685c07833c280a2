using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Backups;

/// <summary>Writes the sealed chunks of a backup. Without <see cref="Complete"/> the file is cut short, as after a crash.</summary>
internal sealed class SealedWriter : Stream
{
    private readonly Stream _file;
    private readonly ChaCha20Poly1305 _aead;
    private readonly byte[] _plain = new byte[BackupFormat.ChunkSize];
    private readonly byte[] _sealed = new byte[4 + BackupFormat.ChunkSize + BackupFormat.TagSize];
    private int _count;
    private long _number;

    public SealedWriter(Stream file, ServerSecret secret)
    {
        _file = file;
        var salt = RandomNumberGenerator.GetBytes(BackupFormat.SaltSize);
        file.Write(BackupFormat.Magic);
        file.WriteByte(BackupFormat.Version);
        file.Write(salt);
        _aead = new(secret.Derive("backup", salt));
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (_count == _plain.Length) { WriteChunk(isLast: false); }
            var taken = Math.Min(buffer.Length, _plain.Length - _count);
            buffer[..taken].CopyTo(_plain.AsSpan(_count));
            _count += taken;
            buffer = buffer[taken..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes the last chunk.</summary>
    public void Complete() => WriteChunk(isLast: true);

    public override void Flush() => _file.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) { _aead.Dispose(); }
        base.Dispose(disposing);
    }

    private void WriteChunk(bool isLast)
    {
        BinaryPrimitives.WriteInt32BigEndian(_sealed, _count + BackupFormat.TagSize);
        _aead.Encrypt(BackupFormat.Nonce(_number++, isLast), _plain.AsSpan(0, _count), _sealed.AsSpan(4, _count), _sealed.AsSpan(4 + _count, BackupFormat.TagSize));
        _file.Write(_sealed.AsSpan(0, 4 + _count + BackupFormat.TagSize));
        _count = 0;
    }
}
