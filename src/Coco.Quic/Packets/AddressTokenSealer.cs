using System.Security.Cryptography;
using Coco.Crypto;

namespace Coco.Quic.Packets;

/// <summary>
/// Issues and checks address validation tokens, which let a server keep no state before the client proved its address
/// (RFC 9000 §8.1).
/// <code>
/// Kind (8) | Nonce (96) | ChaCha20-Poly1305 { Issued At (64) | ODCID length (8) | ODCID | RSCID length (8) | RSCID | zeros }
/// </code>
/// The plaintext is always 50 bytes. Kind and the client's address are associated data: a token for another address does not
/// open. A nonce is random; 2^32 tokens under one key leave a chance of 2^-33 that two share one.
/// </summary>
internal sealed class AddressTokenSealer : IDisposable
{
    public const int KeyLength = 32;
    public const int TokenLength = 1 + NonceLength + BodyLength + PacketProtection.TagLength;

    /// <summary>The longest address binding: room for an address, a port and a scope.</summary>
    public const int MaxBindingLength = 64;

    private const int NonceLength = 12;
    private const int BodyLength = sizeof(long) + (2 * (1 + ConnectionId.MaxLength));

    private readonly byte[] _key;
    private readonly PacketAead _aead;
    private readonly RandomSource _random;

    /// <param name="key">32 secret bytes, shared by the servers that must accept each other's tokens.</param>
    /// <param name="chaCha20Poly1305">The AEAD of the loop that owns this.</param>
    /// <param name="random">Where nonces come from.</param>
    public AddressTokenSealer(ReadOnlySpan<byte> key, PacketAead chaCha20Poly1305, RandomSource random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength, nameof(key));
        _key = key.ToArray();
        _aead = chaCha20Poly1305;
        _random = random;
    }

    /// <summary>Writes <see cref="TokenLength"/> bytes.</summary>
    public void Seal(in AddressToken token, ReadOnlySpan<byte> addressBinding, Span<byte> destination)
    {
        destination = destination[..TokenLength];
        destination.Clear();
        var writer = new SpanWriter(destination);
        writer.WriteByte((byte)token.Kind);
        var nonce = writer.Reserve(NonceLength);
        _random.Fill(nonce);
        writer.WriteUInt64((ulong)token.IssuedAtSeconds);
        writer.WriteByte((byte)token.OriginalDestination.Length);
        writer.WriteBytes(token.OriginalDestination.Span);
        writer.WriteByte((byte)token.RetrySource.Length);
        writer.WriteBytes(token.RetrySource.Span);

        Span<byte> associated = stackalloc byte[1 + MaxBindingLength];
        _aead.Seal(_key, nonce, Associate(token.Kind, addressBinding, associated), destination[(1 + NonceLength)..]);
    }

    public AddressTokenStatus TryOpen(
        ReadOnlySpan<byte> received,
        ReadOnlySpan<byte> addressBinding,
        long nowSeconds,
        long lifetimeSeconds,
        out AddressToken token)
    {
        token = default;
        if (received.IsEmpty || (AddressTokenKind)received[0] is not (AddressTokenKind.Retry or AddressTokenKind.NewToken))
        {
            return AddressTokenStatus.Unknown;
        }

        var kind = (AddressTokenKind)received[0];
        var refused = kind == AddressTokenKind.Retry ? AddressTokenStatus.InvalidRetry : AddressTokenStatus.Unknown;
        if (received.Length != TokenLength) { return refused; }

        Span<byte> body = stackalloc byte[BodyLength + PacketProtection.TagLength];
        Span<byte> associated = stackalloc byte[1 + MaxBindingLength];
        received[(1 + NonceLength)..].CopyTo(body);
        var nonce = received.Slice(1, NonceLength);
        if (!_aead.TryOpen(_key, nonce, Associate(kind, addressBinding, associated), body)
            || !TryReadBody(kind, body[..BodyLength], out token))
        {
            return refused;
        }

        // Wall clocks of servers that share a key differ, so a token from the near future is as good as a fresh one.
        var age = nowSeconds - token.IssuedAtSeconds;
        return age > lifetimeSeconds || age < -lifetimeSeconds ? AddressTokenStatus.Expired : AddressTokenStatus.Valid;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    private static ReadOnlySpan<byte> Associate(AddressTokenKind kind, ReadOnlySpan<byte> addressBinding, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(addressBinding.Length, MaxBindingLength, nameof(addressBinding));
        buffer[0] = (byte)kind;
        addressBinding.CopyTo(buffer[1..]);
        return buffer[..(1 + addressBinding.Length)];
    }

    private static bool TryReadBody(AddressTokenKind kind, ReadOnlySpan<byte> body, out AddressToken token)
    {
        token = default;
        var reader = new SpanReader(body);
        if (!reader.TryReadUInt64(out var issuedAt)
            || !reader.TryReadByteLengthBytes(out var original)
            || !reader.TryReadByteLengthBytes(out var source)
            || original.Length > ConnectionId.MaxLength
            || source.Length > ConnectionId.MaxLength)
        {
            return false;
        }
        token = new(kind, (long)issuedAt, new(original), new(source));
        return true;
    }
}
