namespace Coco.Crypto;

/// <summary>
/// Which library does the work behind a <see cref="PacketAead"/>. All give the same bytes; they differ in speed.
/// </summary>
public enum AeadBackend
{
    /// <summary>The fastest one present: OpenSSL, else libsodium where it has the cipher, else the platform's class.</summary>
    Auto,

    /// <summary>OpenSSL 3's libcrypto with reused contexts, where libcrypto.so.3 is found.</summary>
    OpenSsl,

    /// <summary>libsodium; ChaCha20-Poly1305 only.</summary>
    Sodium,

    /// <summary>The classes of System.Security.Cryptography. Allocates when the key is not that of the previous call.</summary>
    Platform,
}
