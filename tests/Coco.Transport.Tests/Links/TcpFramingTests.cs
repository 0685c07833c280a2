using System.Buffers.Binary;
using Coco.Transport.Links;

namespace Coco.Transport.Tests.Links;

public sealed class TcpFramingTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1_000_000 : 20_000;

    [Fact]
    public void Whole_frames_are_taken_and_the_beginning_of_the_next_is_left()
    {
        using var batch = Batch([0, 3, 1, 2, 3, 0, 2, 4, 5, 0, 9, 6]);

        Assert.True(TcpFraming.TryUnpack(batch.Buffer.AsSpan(0, 12), batch, out var consumed));

        Assert.Equal(9, consumed);
        Assert.Equal([new LinkRun(0, 5, 3)], batch.Runs.ToArray());
        Assert.Equal([1, 2, 3, 4, 5], batch[batch.Runs[0]].ToArray());
        Assert.Equal([0, 9, 6], batch.Buffer[9..12]);
    }

    [Fact]
    public void A_frame_without_a_length_is_refused()
    {
        using var batch = Batch([0, 1, 7, 0, 0]);

        Assert.False(TcpFraming.TryUnpack(batch.Buffer.AsSpan(0, 5), batch, out _));
    }

    [Theory]
    [InlineData("coco\u0001\0\0\0", true)]
    [InlineData("coco\u0001abc", true)] // reserved
    [InlineData("coco\u0002\0\0\0", false)]
    [InlineData("HTTP/1.1", false)]
    [InlineData("coco\u0001", false)]
    public void A_preamble_has_the_magic_and_the_version(string bytes, bool accepted) =>
        Assert.Equal(accepted, TcpFraming.IsPreamble([.. bytes.Select(static character => (byte)character)]));

    [Fact]
    public void Growing_sizes_make_runs_until_the_batch_takes_no_more()
    {
        var bytes = Enumerable.Range(1, 300).SelectMany(static length => Frame(new byte[length])).ToArray();
        using var batch = Batch(bytes);

        Assert.True(TcpFraming.TryUnpack(batch.Buffer.AsSpan(0, bytes.Length), batch, out var consumed));

        Assert.Equal(256, batch.Runs.Length);
        Assert.Equal(Enumerable.Range(1, 256).Sum(static length => length + 2), consumed);
    }

    [Fact] // property: whatever the pieces in which they come, the same datagrams come out
    public void Any_bytes_unpack_without_harm_and_frames_unpack_to_what_was_packed()
    {
        var random = new Random(2024);
        for (var round = 0; round < Rounds; round++)
        {
            var datagrams = Enumerable.Range(0, random.Next(6)).Select(_ => Bytes(random, random.Next(1, 40))).ToArray();
            var bytes = datagrams.SelectMany(Frame).ToArray();
            if (random.Next(4) == 0) { bytes = Bytes(random, random.Next(60)); datagrams = []; }
            var length = random.Next(bytes.Length + 1);
            using var batch = Batch(bytes[..length]);

            var taken = TcpFraming.TryUnpack(batch.Buffer.AsSpan(0, length), batch, out var consumed);

            Assert.InRange(consumed, 0, length);
            Assert.Equal(consumed, batch.Length + (2 * batch.Count));
            Assert.Equal(bytes[consumed..length], batch.Buffer[consumed..length]);
            if (datagrams.Length == 0) { continue; }
            Assert.True(taken);
            Assert.Equal(datagrams.Take(batch.Count), RecordingSink.Split(batch));
        }
    }

    private static LinkBatch Batch(byte[] bytes)
    {
        var batch = new BatchPool(1).TryRent()!;
        bytes.CopyTo(batch.Buffer, 0);
        return batch;
    }

    private static byte[] Frame(byte[] datagram)
    {
        var frame = new byte[2 + datagram.Length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)datagram.Length);
        datagram.CopyTo(frame, 2);
        return frame;
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
