using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Coco.Quic.Packets;

/// <summary>The keys of one direction at one encryption level, held inline and wiped on dispose (RFC 9001 §5.1).</summary>
internal sealed class PacketKeys : IDisposable
{
    public const int IvLength = 12;

    private Bytes32 _secret;
    private Bytes32 _key;
    private Bytes32 _headerKey;
    private Bytes12 _iv;

    private PacketKeys(AeadKind kind) => Kind = kind;

    public AeadKind Kind { get; }

    public ReadOnlySpan<byte> Key => ((ReadOnlySpan<byte>)_key)[..KeyLength];

    public ReadOnlySpan<byte> HeaderKey => ((ReadOnlySpan<byte>)_headerKey)[..KeyLength];

    public ReadOnlySpan<byte> Iv => _iv;

    // Header protection uses a key as long as the AEAD's (§5.4.3 and §5.4.4).
    private int KeyLength => Kind == AeadKind.Aes128Gcm ? 16 : 32;

    public static PacketKeys Derive(ReadOnlySpan<byte> trafficSecret, AeadKind kind)
    {
        var keys = new PacketKeys(kind);
        trafficSecret.CopyTo(keys._secret);
        keys.DeriveKeyAndIv();
        HkdfLabel.ExpandLabel(keys._secret, "quic hp"u8, [], ((Span<byte>)keys._headerKey)[..keys.KeyLength]);
        return keys;
    }

    /// <summary>The keys after a key update; the header protection key stays (§6.1).</summary>
    public PacketKeys DeriveNext()
    {
        var next = new PacketKeys(Kind);
        HkdfLabel.ExpandLabel(_secret, "quic ku"u8, [], next._secret);
        next.DeriveKeyAndIv();
        next._headerKey = _headerKey;
        return next;
    }

    /// <summary>The IV with the packet number exclusive-ored into its last bytes (§5.3).</summary>
    public void WriteNonce(ulong packetNumber, Span<byte> nonce)
    {
        Iv.CopyTo(nonce);
        var tail = nonce[(IvLength - sizeof(ulong))..];
        BinaryPrimitives.WriteUInt64BigEndian(tail, BinaryPrimitives.ReadUInt64BigEndian(tail) ^ packetNumber);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_secret);
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_headerKey);
        CryptographicOperations.ZeroMemory(_iv);
    }

    private void DeriveKeyAndIv()
    {
        HkdfLabel.ExpandLabel(_secret, "quic key"u8, [], ((Span<byte>)_key)[..KeyLength]);
        HkdfLabel.ExpandLabel(_secret, "quic iv"u8, [], _iv);
    }

    [InlineArray(32)]
    private struct Bytes32
    {
        private byte _first;
    }

    [InlineArray(IvLength)]
    private struct Bytes12
    {
        private byte _first;
    }
}
