using System.Security.Cryptography;
using System.Text;

namespace Coco.Cluster.Discovery;

/// <summary>
/// What the members of a network share so that they know each other on a LAN and nobody else does.
/// <code>
/// instance = base32( nonce 15 ‖ first 15 of HMAC-SHA256( key, "coco discovery instance v1" ‖ nonce ) )                      48 characters
/// sealed   = iv 12 ‖ ChaCha20-Poly1305( HMAC-SHA256( key, "coco discovery seal v1" ‖ nonce ), iv, plaintext, nonce )
/// iv       = first 12 of HMAC-SHA256( the sealing key, plaintext )
/// </code>
/// The nonce is random, and another after each epoch: clocks need not agree, and without the key two instances have nothing in common. The
/// iv comes from the plaintext, so that no two plaintexts share one even if the nonce should stay.
/// </summary>
internal sealed class DiscoveryKey
{
    public const int Size = 32;
    public const int NonceSize = 15;
    public const int SealOverhead = IvSize + TagSize;

    private const int TagSize = 16;
    private const int IvSize = 12;
    private const int InstanceLength = 48;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private readonly byte[] _key;

    public DiscoveryKey(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Size);
        _key = key.ToArray();
    }

    public bool IsSame(DiscoveryKey? other) => other is not null && CryptographicOperations.FixedTimeEquals(_key, other._key);

    /// <summary>The name of an instance with this nonce.</summary>
    public string Blind(ReadOnlySpan<byte> nonce)
    {
        byte[] bytes = [.. nonce, .. Derive("coco discovery instance v1"u8, nonce).AsSpan(0, NonceSize)];
        var text = new StringBuilder(InstanceLength);
        for (var i = 0; i < bytes.Length; i += 5)
        {
            var group = ((ulong)bytes[i] << 32) | ((ulong)bytes[i + 1] << 24) | ((ulong)bytes[i + 2] << 16) | ((ulong)bytes[i + 3] << 8) | bytes[i + 4];
            for (var shift = 35; shift >= 0; shift -= 5) { text.Append(Alphabet[(int)(group >> shift) & 31]); }
        }
        return text.ToString();
    }

    /// <summary>Whether an instance is one of this network's, and its nonce.</summary>
    public bool TryRecognise(string instance, out byte[] nonce)
    {
        nonce = [];
        if (instance.Length != InstanceLength) { return false; }
        var bytes = new byte[2 * NonceSize];
        for (var i = 0; i < bytes.Length; i += 5)
        {
            var group = 0ul;
            foreach (var character in instance.AsSpan(i / 5 * 8, 8))
            {
                var value = Alphabet.IndexOf(char.ToLowerInvariant(character));
                if (value < 0) { return false; }
                group = (group << 5) | (uint)value;
            }
            for (var j = 0; j < 5; j++) { bytes[i + j] = (byte)(group >> (32 - (8 * j))); }
        }
        var expected = Derive("coco discovery instance v1"u8, bytes.AsSpan(0, NonceSize)).AsSpan(0, NonceSize);
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes.AsSpan(NonceSize))) { return false; }
        nonce = bytes[..NonceSize];
        return true;
    }

    public byte[] Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plaintext)
    {
        var sealing = Derive("coco discovery seal v1"u8, nonce);
        var bytes = new byte[IvSize + plaintext.Length + TagSize];
        HMACSHA256.HashData(sealing, plaintext).AsSpan(0, IvSize).CopyTo(bytes);
        using var aead = new ChaCha20Poly1305(sealing);
        aead.Encrypt(bytes.AsSpan(0, IvSize), plaintext, bytes.AsSpan(IvSize, plaintext.Length), bytes.AsSpan(IvSize + plaintext.Length), nonce);
        return bytes;
    }

    public bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> bytes, out byte[] plaintext)
    {
        plaintext = [];
        if (bytes.Length < SealOverhead) { return false; }
        var opened = new byte[bytes.Length - SealOverhead];
        using var aead = new ChaCha20Poly1305(Derive("coco discovery seal v1"u8, nonce));
        try
        {
            aead.Decrypt(bytes[..IvSize], bytes[IvSize..^TagSize], bytes[^TagSize..], opened, nonce);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false; // only a member can have made the instance, but anybody can change the bytes beside it
        }
        plaintext = opened;
        return true;
    }

    private byte[] Derive(ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> nonce) => HMACSHA256.HashData(_key, (byte[])[.. purpose, .. nonce]);
}
