namespace Coco.ControlPlane.Backups;

/// <summary>
/// A backup of a control plane's database, the same for either engine. It is sealed under the instance's secret, so the secret file has to be
/// kept too, and elsewhere.
/// <code>
/// file   = "COCOCPBK" ‖ version u8: 1 ‖ salt 32 ‖ chunk…
/// chunk  = length u32 (big-endian, of the sealed bytes, at most 65,552) ‖ ChaCha20-Poly1305( key, nonce, plain )
/// key    = HKDF-SHA256( secret, salt, "coco control plane v1 backup" )     nonce = 0 u32 ‖ number u56 ‖ last u8: 1 in the last chunk, else 0
/// plain  = JSON, a line each: {"migrations":[{"version":1,"hash":"…"},…]}, then for each table {"table":"…","columns":["…",…]} and
///          an array of values for each row; bytes are {"b":"base64"}
/// </code>
/// A file that was cut short lacks its last chunk, and is refused whole.
/// </summary>
internal static class BackupFormat
{
    public const byte Version = 1;
    public const int SaltSize = 32;
    public const int NonceSize = 12;
    public const int TagSize = 16;
    public const int ChunkSize = 64 << 10;

    public static ReadOnlySpan<byte> Magic => "COCOCPBK"u8;

    public static byte[] Nonce(long number, bool isLast)
    {
        var nonce = new byte[NonceSize];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(4), (number << 8) | (isLast ? 1L : 0L));
        return nonce;
    }
}
