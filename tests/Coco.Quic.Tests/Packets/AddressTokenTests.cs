using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Quic.Tests.Packets;

public sealed class AddressTokenTests
{
    private static readonly ConnectionId Original = new([1, 2, 3, 4, 5, 6, 7, 8]);
    private static readonly ConnectionId RetrySource = new(new byte[20]);

    private readonly AddressTokenSealer _sealer =
        new(new byte[32], PacketAead.ChaCha20Poly1305(), new SeededRandomSource(8));

    [Fact]
    public void Retry_token_gives_back_both_connection_ids()
    {
        var token = Seal(new(AddressTokenKind.Retry, 1000, Original, RetrySource));

        Assert.Equal(AddressTokenStatus.Valid, Open(token, out var opened));
        Assert.Equal(new(AddressTokenKind.Retry, 1000, Original, RetrySource), opened);
    }

    [Fact] // RFC 9000 §8.1.1
    public void Kinds_are_told_apart_and_cannot_be_exchanged()
    {
        var token = Seal(new(AddressTokenKind.NewToken, 1000, default, default));
        Assert.Equal(AddressTokenStatus.Valid, Open(token, out var opened));
        Assert.Equal(AddressTokenKind.NewToken, opened.Kind);

        token[0] = (byte)AddressTokenKind.Retry;
        Assert.Equal(AddressTokenStatus.InvalidRetry, Open(token, out _));
    }

    [Fact] // RFC 9000 §8.1.3 and §8.1.4
    public void Token_for_another_address_does_not_open()
    {
        var token = Seal(new(AddressTokenKind.Retry, 1000, Original, RetrySource));
        Assert.Equal(AddressTokenStatus.InvalidRetry, _sealer.TryOpen(token, "192.0.2.2:443"u8, 1001, 10, out _));
    }

    [Fact] // RFC 9000 §8.1.3: tokens expire
    public void Token_expires_but_forgives_clocks_that_differ()
    {
        var token = Seal(new(AddressTokenKind.Retry, 1000, Original, RetrySource));
        Assert.Equal(AddressTokenStatus.Valid, _sealer.TryOpen(token, Binding, 1010, 10, out _));
        Assert.Equal(AddressTokenStatus.Expired, _sealer.TryOpen(token, Binding, 1011, 10, out _));
        Assert.Equal(AddressTokenStatus.Valid, _sealer.TryOpen(token, Binding, 990, 10, out _));
        Assert.Equal(AddressTokenStatus.Expired, _sealer.TryOpen(token, Binding, 989, 10, out _));
    }

    [Fact]
    public void Changed_and_foreign_tokens_are_refused()
    {
        var token = Seal(new(AddressTokenKind.NewToken, 1000, default, default));
        for (var i = 0; i < token.Length; i++)
        {
            token[i] ^= 0x80;
            Assert.Equal(AddressTokenStatus.Unknown, Open(token, out _));
            token[i] ^= 0x80;
        }
        Assert.Equal(AddressTokenStatus.Unknown, Open([], out _));
        Assert.Equal(AddressTokenStatus.Unknown, Open([0x77, 1, 2], out _));
        Assert.Equal(AddressTokenStatus.Unknown, Open(token[..^1], out _));
    }

    private static ReadOnlySpan<byte> Binding => "192.0.2.1:443"u8;

    private byte[] Seal(AddressToken token)
    {
        var destination = new byte[AddressTokenSealer.TokenLength];
        _sealer.Seal(token, Binding, destination);
        return destination;
    }

    private AddressTokenStatus Open(byte[] token, out AddressToken opened) =>
        _sealer.TryOpen(token, Binding, 1001, 10, out opened);
}
