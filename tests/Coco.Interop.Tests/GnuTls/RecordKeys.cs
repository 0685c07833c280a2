using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Quic.Packets;
using Coco.Quic.Tls;

namespace Coco.Interop.Tests.GnuTls;

/// <summary>Protects the records of one level and direction (RFC 8446 §5.2, §5.3).</summary>
internal sealed class RecordKeys : IDisposable
{
    public const int TagLength = 16;
    private const byte ApplicationData = 23;

    private readonly byte[] _iv = new byte[12];
    private readonly ChaCha20Poly1305 _aead;
    private ulong _sequence;

    public RecordKeys(TrafficSecrets secrets)
    {
        Span<byte> secret = stackalloc byte[TrafficSecrets.Size];
        Span<byte> key = stackalloc byte[32];
        secrets.CopyTo(secret);
        HkdfLabel.ExpandLabel(secret, "key"u8, [], key);
        HkdfLabel.ExpandLabel(secret, "iv"u8, [], _iv);
        _aead = new(key);
        Level = secrets.Level;
    }

    public EncryptionLevel Level { get; }

    /// <summary>A whole record, header included, around <paramref name="content"/>.</summary>
    public byte[] Seal(byte type, ReadOnlySpan<byte> content)
    {
        var record = new byte[5 + content.Length + 1 + TagLength];
        WriteHeader(record, content.Length + 1 + TagLength);
        byte[] inner = [.. content, type];
        _aead.Encrypt(NextNonce(), inner, record.AsSpan(5, inner.Length), record.AsSpan(5 + inner.Length), record.AsSpan(0, 5));
        return record;
    }

    /// <summary>The content of a protected record and its true type.</summary>
    public byte[] Open(ReadOnlySpan<byte> sealedContent, out byte type)
    {
        Span<byte> header = stackalloc byte[5];
        WriteHeader(header, sealedContent.Length);
        var inner = new byte[sealedContent.Length - TagLength];
        _aead.Decrypt(NextNonce(), sealedContent[..^TagLength], sealedContent[^TagLength..], inner, header);
        var end = inner.AsSpan().LastIndexOfAnyExcept((byte)0);
        type = inner[end];
        return inner[..end];
    }

    public void Dispose() => _aead.Dispose();

    private static void WriteHeader(Span<byte> record, int length)
    {
        record[0] = ApplicationData;
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], 0x0303);
        BinaryPrimitives.WriteUInt16BigEndian(record[3..], (ushort)length);
    }

    private byte[] NextNonce()
    {
        var nonce = new byte[12];
        BinaryPrimitives.WriteUInt64BigEndian(nonce.AsSpan(4), _sequence++);
        for (var i = 0; i < nonce.Length; i++) { nonce[i] ^= _iv[i]; }
        return nonce;
    }
}
