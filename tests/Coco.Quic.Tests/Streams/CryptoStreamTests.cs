using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

public sealed class CryptoStreamTests
{
    private readonly StreamPool _pool = new();

    [Fact] // RFC 9000 §19.6
    public void Bytes_arrive_in_order_whatever_is_lost()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var sender = new CryptoStream(_pool);
            var receiver = new CryptoStream(_pool);
            var data = new byte[9000];
            random.NextBytes(data);
            sender.Write(data.AsSpan(0, 5000));
            sender.Write(data.AsSpan(5000));
            List<byte> read = [];
            while (!sender.IsAllAcked) { Carry(sender, receiver, random, read); }
            Assert.Equal(data, read);
            Assert.Equal(0, _pool.RentedBlocks);
        }
    }

    [Fact] // RFC 9000 §7.5
    public void More_than_the_buffer_holds_closes_the_connection()
    {
        var stream = new CryptoStream(_pool, maxReceiveBuffer: 4096);
        Assert.Equal(QuicErrorCode.NoError, stream.HandleCrypto(4095, [1]));
        Assert.Equal(QuicErrorCode.CryptoBufferExceeded, stream.HandleCrypto(4096, [1]));
        Assert.Equal(QuicErrorCode.FrameEncodingError, stream.HandleCrypto((1UL << 62) - 1, [1]));
    }

    [Fact]
    public void Fragments_are_capped()
    {
        var stream = new CryptoStream(_pool);
        var error = QuicErrorCode.NoError;
        for (var i = 0UL; i < 1000 && error is QuicErrorCode.NoError; i++) { error = stream.HandleCrypto((2 * i) + 1, [1]); }
        Assert.Equal(QuicErrorCode.CryptoBufferExceeded, error);
    }

    [Fact] // RFC 9002 §6.2.4
    public void A_probe_sends_again_what_is_not_acknowledged()
    {
        var stream = new CryptoStream(_pool);
        stream.Write(new byte[100]);
        stream.TryWriteFrame(new byte[64], out var first, out _);
        stream.TryWriteFrame(new byte[64], out _, out _);
        stream.OnAcked(first);
        Assert.False(stream.HasData);
        stream.Resend();
        Assert.True(stream.TryWriteFrame(new byte[64], out var again, out _));
        Assert.Equal((first.Length, 100 - first.Length), ((int)again.Offset, again.Length));
        stream.Release();
        Assert.Equal(0, _pool.RentedBlocks);
    }

    private static void Carry(CryptoStream sender, CryptoStream receiver, Random random, List<byte> read)
    {
        var packet = new byte[random.Next(0, 1200)];
        if (!sender.TryWriteFrame(packet, out var sent, out var written)) { return; }
        if (random.Next(3) == 0)
        {
            sender.OnLost(sent);
            return;
        }
        var reader = new FrameReader(packet.AsSpan(0, written), EncryptionLevel.Initial, isFromServer: false);
        Assert.True(reader.TryRead(out var frame));
        Assert.Equal(sent.Length, frame.Data.Length);
        Assert.Equal(QuicErrorCode.NoError, receiver.HandleCrypto(frame.Offset, frame.Data));
        if (random.Next(5) == 0) { sender.OnLost(sent); } else { sender.OnAcked(sent); }
        for (var span = receiver.PeekRead(); !span.IsEmpty; span = receiver.PeekRead())
        {
            read.AddRange(span);
            receiver.AdvanceRead(span.Length);
        }
    }
}
