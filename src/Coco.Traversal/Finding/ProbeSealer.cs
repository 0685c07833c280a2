using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>
/// Writes and opens probes: small datagrams between the two ends of a connection, beside QUIC.
/// <code>
///  0        1                 9                17       18
/// +--------+-----------------+----------------+--------+------------------------------+---------+
/// |  0x04  | session      64 | counter     64 | kind 8 | of an answer: echo 64,       | tag 128 |
/// |        |                 |                |        | observed address 56 or 152   |         |
/// +--------+-----------------+----------------+--------+------------------------------+---------+
/// |&lt;------- associated data -----------------&gt;|&lt;------------- sealed ------------------&gt;|
/// </code>
/// A ping has 34 bytes, an answer 49 or 61; a wide one of either is filled with zeros to 1,200. ChaCha20-Poly1305 (RFC 8439); for each direction the session, the key and the IV are made by HKDF
/// (RFC 5869) from 96 bytes of the connection's exporter (RFC 8446 §7.5). The nonce is the IV with the counter in its last eight bytes
/// XORed, as in TLS (RFC 8446 §5.3). Counters never repeat; a receiver takes each once.
/// </summary>
internal sealed class ProbeSealer : IDisposable
{
    public const int SecretLength = 96;
    public const int PingLength = HeaderLength + 1 + PacketAead.TagSize;

    /// <summary>As long as the datagrams with which QUIC validates a path (RFC 9000 §8.2.1).</summary>
    public const int WideLength = 1200;

    private const int MaxShortLength = PingLength + sizeof(ulong) + NetworkAddress.MaxWireLength;

    private const int HeaderLength = 1 + sizeof(ulong) + sizeof(ulong);
    private const int KeyLength = 32;

    private readonly PacketAead _aead;
    private readonly ReplayWindow _window = new();
    private readonly byte[] _keys = GC.AllocateArray<byte>(2 * (KeyLength + PacketAead.NonceSize), pinned: true);
    private ulong _nextCounter;

    public ProbeSealer(ReadOnlySpan<byte> secret, bool isControlling, PacketAead aead)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SecretLength);
        _aead = aead;
        // Named by the side that opens them.
        LocalSession = Derive(secret, isControlling, OpeningKey, OpeningIv);
        PeerSession = Derive(secret, !isControlling, SealingKey, SealingIv);
    }

    /// <summary>What stands in probes to us.</summary>
    public ulong LocalSession { get; }

    /// <summary>What stands in probes to the peer.</summary>
    public ulong PeerSession { get; }

    private Span<byte> OpeningKey => _keys.AsSpan(0, KeyLength);

    private Span<byte> SealingKey => _keys.AsSpan(KeyLength, KeyLength);

    private Span<byte> OpeningIv => _keys.AsSpan(2 * KeyLength, PacketAead.NonceSize);

    private Span<byte> SealingIv => _keys.AsSpan((2 * KeyLength) + PacketAead.NonceSize, PacketAead.NonceSize);

    public int WritePing(Span<byte> destination, out ulong counter, bool isWide = false)
    {
        counter = _nextCounter;
        destination[HeaderLength] = (byte)ProbeKind.Ping;
        return Seal(destination, 1, isWide);
    }

    public int WritePong(Span<byte> destination, ulong echo, in NetworkAddress observed, bool isWide = false)
    {
        destination[HeaderLength] = (byte)ProbeKind.Pong;
        BinaryPrimitives.WriteUInt64BigEndian(destination[(HeaderLength + 1)..], echo);
        return Seal(destination, 1 + sizeof(ulong) + observed.Write(destination[(HeaderLength + 1 + sizeof(ulong))..]), isWide);
    }

    /// <summary>Opens a datagram in place. False for everything that the peer has not sealed for us, or that was opened before.</summary>
    public bool TryOpen(Span<byte> datagram, out Probe probe)
    {
        probe = default;
        if (datagram.Length is not (>= PingLength and <= MaxShortLength or WideLength) || datagram[0] != FirstByte.Probe) { return false; }
        if (BinaryPrimitives.ReadUInt64BigEndian(datagram[1..]) != LocalSession) { return false; }
        var counter = BinaryPrimitives.ReadUInt64BigEndian(datagram[9..]);
        if (_window.HasSeen(counter)) { return false; }

        Span<byte> nonce = stackalloc byte[PacketAead.NonceSize];
        MakeNonce(OpeningIv, counter, nonce);
        if (!_aead.TryOpen(OpeningKey, nonce, datagram[..HeaderLength], datagram[HeaderLength..])) { return false; }
        _window.Mark(counter);
        if (!TryRead(datagram[HeaderLength..^PacketAead.TagSize], counter, out probe)) { return false; }
        probe = probe with { IsWide = datagram.Length == WideLength };
        return true;
    }

    /// <summary>Nothing was under way for a long time: what is late now is no longer waited for.</summary>
    public void Rest() => _window.Rest();

    public void Dispose() => CryptographicOperations.ZeroMemory(_keys);

    internal static bool TryRead(ReadOnlySpan<byte> body, ulong counter, out Probe probe)
    {
        probe = default;
        if (body.Length >= 1 && body[0] == (byte)ProbeKind.Ping)
        {
            probe = new(ProbeKind.Ping, counter);
            return IsFilling(body[1..]);
        }
        if (body.Length <= 1 + sizeof(ulong) || body[0] != (byte)ProbeKind.Pong) { return false; }
        if (!NetworkAddress.TryRead(body[(1 + sizeof(ulong))..], out var observed, out var length)) { return false; }
        probe = new(ProbeKind.Pong, counter, BinaryPrimitives.ReadUInt64BigEndian(body[1..]), observed);
        return IsFilling(body[(1 + sizeof(ulong) + length)..]);
    }

    // Nothing, or as much as makes it wide.
    private static bool IsFilling(ReadOnlySpan<byte> rest) => !rest.ContainsAnyExcept((byte)0);

    private int Seal(Span<byte> destination, int bodyLength, bool isWide)
    {
        if (isWide)
        {
            destination[(HeaderLength + bodyLength)..(WideLength - PacketAead.TagSize)].Clear();
            bodyLength = WideLength - HeaderLength - PacketAead.TagSize;
        }
        var counter = _nextCounter++;
        destination[0] = FirstByte.Probe;
        BinaryPrimitives.WriteUInt64BigEndian(destination[1..], PeerSession);
        BinaryPrimitives.WriteUInt64BigEndian(destination[9..], counter);
        Span<byte> nonce = stackalloc byte[PacketAead.NonceSize];
        MakeNonce(SealingIv, counter, nonce);
        _aead.Seal(SealingKey, nonce, destination[..HeaderLength], destination.Slice(HeaderLength, bodyLength + PacketAead.TagSize));
        return HeaderLength + bodyLength + PacketAead.TagSize;
    }

    private static void MakeNonce(ReadOnlySpan<byte> iv, ulong counter, Span<byte> nonce)
    {
        iv.CopyTo(nonce);
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], BinaryPrimitives.ReadUInt64BigEndian(nonce[4..]) ^ counter);
    }

    private static ulong Derive(ReadOnlySpan<byte> secret, bool toControlling, Span<byte> key, Span<byte> iv)
    {
        var info = toControlling ? "coco probe to controlling"u8 : "coco probe to controlled"u8;
        Span<byte> all = stackalloc byte[KeyLength + PacketAead.NonceSize + sizeof(ulong)];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, all, [], info);
        all[..KeyLength].CopyTo(key);
        all.Slice(KeyLength, PacketAead.NonceSize).CopyTo(iv);
        var session = BinaryPrimitives.ReadUInt64BigEndian(all[(KeyLength + PacketAead.NonceSize)..]);
        CryptographicOperations.ZeroMemory(all);
        return session;
    }
}
