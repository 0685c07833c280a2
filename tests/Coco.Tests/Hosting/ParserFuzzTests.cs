using Coco.Cluster;
using Coco.Cluster.Invitations;
using Coco.Cluster.Mesh;
using Coco.Hosting;
using Coco.Quic.Packets;

namespace Coco.Tests.Hosting;

/// <summary>Whatever a peer sends on a stream is read, or refused, without an exception and without more memory than the largest frame has.</summary>
public sealed class ParserFuzzTests
{
    private const int LargestFrame = MeshNode.MaxFrame + (2 * VarInt.MaxLength);

    private static readonly int Inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 400_000 : 20_000;
    private static readonly ulong[] Lengths = [0, 1, 63, 64, 16_383, 16_384, MeshNode.MaxFrame, MeshNode.MaxFrame + 1, 1 << 30, VarInt.Max];

    [Fact]
    public async Task Frames_are_cut_where_they_end_and_nothing_else_is_handed_on()
    {
        var random = new Random(11);
        var (well, broken) = (0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Frames(random);
            var stream = new PeerStream(bytes, random);
            var handed = new List<byte>();
            var isWellFormed = await FrameCutter.ReadAsync(stream, frames =>
            {
                handed.AddRange(frames.Span);
                for (var rest = System.Runtime.InteropServices.MemoryMarshal.AsMemory(frames); !rest.IsEmpty;)
                {
                    var before = rest;
                    var frame = JoinStream.Take(ref rest);
                    Assert.Equal(MeshNode.FrameLength(before.Span), before.Length - rest.Length);
                    Assert.True(before.Span[..(before.Length - rest.Length)].EndsWith(frame.Body.Span));
                }
                return default;
            });
            var whole = WholeFrames(bytes, out var isWhole, out var isTooLong);
            Assert.Equal(isWhole, isWellFormed);
            Assert.True(bytes.AsSpan().StartsWith(handed.ToArray()));
            // Frames that came together with one that is none may be lost with it.
            if (isTooLong) { Assert.InRange(handed.Count, 0, whole); }
            else { Assert.Equal(whole, handed.Count); }
            Assert.InRange(stream.LargestBuffer, 0, 2 * LargestFrame);
            if (isWellFormed) { well++; } else { broken++; }
        }
        Assert.InRange(well, Inputs / 10, Inputs);
        Assert.InRange(broken, Inputs / 10, Inputs);
    }

    [Fact]
    public async Task Join_frames_are_read_one_by_one_until_something_is_none()
    {
        var random = new Random(12);
        var read = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Frames(random);
            var stream = new PeerStream(bytes, random);
            var at = 0;
            while (await JoinStream.ReadAsync(stream, default) is { } frame)
            {
                var length = MeshNode.FrameLength(bytes.AsSpan(at));
                Assert.True(bytes.AsSpan(at, length).EndsWith(frame.Body.Span));
                at += length;
                Assert.Equal(at, stream.Taken);
                read++;
            }
            Assert.Equal(WholeFrames(bytes, out _, out _), at);
            Assert.InRange(stream.LargestBuffer, 0, MeshNode.MaxFrame);
        }
        Assert.InRange(read, Inputs / 2, int.MaxValue);
    }

    [Fact]
    public void Join_frames_come_back_as_they_were_written()
    {
        var random = new Random(13);
        for (var i = 0; i < Inputs; i++)
        {
            var body = new byte[random.Next(200)];
            random.NextBytes(body);
            var type = (JoinFrameType)random.Next(256);
            var bytes = JoinStream.Encode(new(type, body)).AsMemory();
            var frame = JoinStream.Take(ref bytes);
            Assert.Equal(type, frame.Type);
            Assert.True(frame.Body.Span.SequenceEqual(body));
            Assert.True(bytes.IsEmpty);
        }
    }

    [Fact]
    public async Task Headers_are_read_to_their_end_and_not_a_byte_further()
    {
        var random = new Random(14);
        var (integers, names) = (0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Header(random);
            var stream = new PeerStream(bytes, random);
            var isThere = VarInt.TryRead(bytes, out var expected, out var length);
            var value = await StreamHeader.ReadVarIntAsync(stream, default);
            Assert.Equal(isThere ? expected : null, value);
            if (isThere) { Assert.Equal(length, stream.Taken); }
            integers += isThere ? 1 : 0;

            var at = stream.Taken;
            var name = await StreamHeader.ReadServiceAsync(stream, default);
            if (name is not null)
            {
                Assert.True(Labels.IsValid(name));
                Assert.InRange(stream.Taken - at, name.Length + 1, name.Length + VarInt.MaxLength);
                names++;
            }
            Assert.InRange(stream.LargestBuffer, 0, StreamHeader.MaxServiceName);
        }
        Assert.InRange(integers, Inputs / 4, Inputs);
        Assert.InRange(names, Inputs / 20, Inputs);
    }

    // Bytes of the whole frames at the beginning, by a reader that has them all.
    private static int WholeFrames(ReadOnlySpan<byte> bytes, out bool isWhole, out bool isTooLong)
    {
        var at = 0;
        while (true)
        {
            var length = MeshNode.FrameLength(bytes[at..]);
            (isWhole, isTooLong) = (at == bytes.Length, length < 0);
            if (length <= 0 || length > bytes.Length - at) { return at; }
            at += length;
        }
    }

    private static byte[] Frames(Random random)
    {
        var bytes = new List<byte>();
        for (var count = random.Next(5); count > 0; count--)
        {
            var length = random.Next(200) == 0 ? random.Next(MeshNode.MaxFrame) : random.Next(70);
            Add(bytes, (ulong)random.Next(20));
            Add(bytes, (ulong)length);
            bytes.AddRange(Noise(random, length));
        }
        switch (random.Next(5))
        {
            case 0: bytes.AddRange(Noise(random, random.Next(40))); break;
            case 1:
                Add(bytes, (ulong)random.Next(20));
                Add(bytes, Lengths[random.Next(Lengths.Length)]);
                break;
            case 2 when bytes.Count > 0: bytes.RemoveRange(random.Next(bytes.Count), 1); break;
            case 3 when bytes.Count > 0: bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8)); break;
        }
        return [.. bytes];
    }

    private static byte[] Header(Random random)
    {
        if (random.Next(2) == 0) { return Noise(random, random.Next(90)); }
        List<byte> bytes = [.. StreamHeader.OfService((ulong)random.Next(100_000), $"service-{random.Next(1000)}").AsSpan(1), .. Noise(random, random.Next(4))];
        if (random.Next(3) == 0) { bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8)); }
        if (random.Next(3) == 0) { bytes.RemoveRange(random.Next(bytes.Count), 1); }
        return [.. bytes];
    }

    private static byte[] Noise(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void Add(List<byte> bytes, ulong value)
    {
        Span<byte> encoded = stackalloc byte[VarInt.MaxLength];
        bytes.AddRange(encoded[..VarInt.Write(encoded, value)]);
    }
}
