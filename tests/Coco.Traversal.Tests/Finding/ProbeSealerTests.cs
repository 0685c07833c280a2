using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Traversal.Finding;

namespace Coco.Traversal.Tests.Finding;

public sealed class ProbeSealerTests
{
    private static readonly NetworkAddress Observed = NetworkAddress.FromIpv4(0xCB007101, 40_000);

    private readonly ProbeSealer _one = Make(isControlling: true);
    private readonly ProbeSealer _other = Make(isControlling: false);
    private readonly byte[] _buffer = new byte[ProbeSealer.WideLength];

    [Fact]
    public void The_other_side_opens_what_one_side_has_sealed()
    {
        var length = _one.WritePing(_buffer, out var counter);

        Assert.Equal(ProbeSealer.PingLength, length);
        Assert.True(_other.TryOpen(_buffer.AsSpan(0, length), out var probe));
        Assert.Equal(new(ProbeKind.Ping, counter), probe);

        length = _other.WritePong(_buffer, probe.Counter, Observed);
        Assert.True(_one.TryOpen(_buffer.AsSpan(0, length), out var answer));
        Assert.Equal((ProbeKind.Pong, counter, Observed), (answer.Kind, answer.Echo, answer.Observed));
    }

    [Fact]
    public void A_wide_ping_has_1200_bytes_and_its_answer_as_many()
    {
        var length = _one.WritePing(_buffer, out var counter, isWide: true);
        Assert.Equal(1200, length);
        Assert.True(_other.TryOpen(_buffer.AsSpan(0, length), out var probe));
        Assert.Equal(new(ProbeKind.Ping, counter, IsWide: true), probe);

        length = _other.WritePong(_buffer, probe.Counter, Observed, probe.IsWide);
        Assert.Equal(1200, length);
        Assert.True(_one.TryOpen(_buffer.AsSpan(0, length), out var answer));
        Assert.Equal((ProbeKind.Pong, counter, Observed, true), (answer.Kind, answer.Echo, answer.Observed, answer.IsWide));
    }

    [Fact]
    public void What_fills_a_probe_is_zeros_or_it_does_not_count()
    {
        byte[] body = [(byte)ProbeKind.Ping, 0, 0];
        Assert.True(ProbeSealer.TryRead(body, 1, out _));
        body[2] = 1;
        Assert.False(ProbeSealer.TryRead(body, 1, out _));
    }

    [Fact]
    public void A_ping_has_no_more_than_40_bytes() => Assert.InRange(ProbeSealer.PingLength, 1, 40);

    [Fact]
    public void Each_direction_has_its_own_session_and_key()
    {
        Assert.Equal(_one.PeerSession, _other.LocalSession);
        Assert.Equal(_one.LocalSession, _other.PeerSession);
        Assert.NotEqual(_one.LocalSession, _one.PeerSession);
        var length = _one.WritePing(_buffer, out _);
        Assert.False(_one.TryOpen(_buffer.AsSpan(0, length), out _)); // reflected to its sender
    }

    [Fact]
    public void A_probe_opens_once()
    {
        var length = _one.WritePing(_buffer, out _);
        var copy = _buffer.AsSpan(0, length).ToArray();

        Assert.True(_other.TryOpen(_buffer.AsSpan(0, length), out _));
        Assert.False(_other.TryOpen(copy, out _));
    }

    [Fact]
    public void No_changed_bit_and_no_other_length_opens()
    {
        var length = _one.WritePong(_buffer, 7, Observed);
        for (var bit = 0; bit < 8 * length; bit++)
        {
            var damaged = _buffer.AsSpan(0, length).ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(_other.TryOpen(damaged, out _));
        }
        for (var shorter = 0; shorter < length; shorter++) { Assert.False(_other.TryOpen(_buffer.AsSpan(0, shorter).ToArray(), out _)); }
        Assert.True(_other.TryOpen(_buffer.AsSpan(0, length), out _)); // what did not open has not used up the number
    }

    [Fact]
    public void Another_secret_makes_other_keys()
    {
        var stranger = new ProbeSealer([.. Enumerable.Repeat((byte)9, ProbeSealer.SecretLength)], true, PacketAead.ChaCha20Poly1305());
        var length = stranger.WritePing(_buffer, out _);
        Assert.NotEqual(_other.LocalSession, stranger.PeerSession);
        BinaryPrimitives.WriteUInt64BigEndian(_buffer.AsSpan(1), _other.LocalSession); // it may have overheard that

        Assert.False(_other.TryOpen(_buffer.AsSpan(0, length), out _));
    }

    private static ProbeSealer Make(bool isControlling) =>
        new([.. Enumerable.Range(0, ProbeSealer.SecretLength).Select(static i => (byte)i)], isControlling, PacketAead.ChaCha20Poly1305());
}
