using Coco.Messages;

namespace Coco.Tests.Messages;

/// <summary>Whatever a peer sends is read, or refused, without an exception and without more memory than is allowed.</summary>
public sealed class FrameFuzzTests
{
    private const int MaxBody = 2000;
    private static readonly int Inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 400_000 : 20_000;

    [Fact]
    public async Task Frames_come_out_as_they_went_in_however_they_are_cut()
    {
        var random = new Random(31);
        for (var i = 0; i < 500; i++)
        {
            using var frames = new FrameBuffer();
            var written = new List<(ulong Sequence, byte[] Data)>();
            for (var count = random.Next(1, 20); count > 0; count--)
            {
                var data = new byte[random.Next(random.Next(2) == 0 ? 20 : MaxBody - MessageContent.MaxOverhead)];
                random.NextBytes(data);
                var sequence = (ulong)random.NextInt64(1, 1L << random.Next(1, 60));
                frames.WriteMessage(new() { Sequence = sequence, SentAtMs = random.NextInt64(1L << 45), ExpiresMs = 5, Subject = "a subject"u8, Data = data });
                written.Add((sequence, data));
            }
            using var reader = new FrameReader(new CutStream(frames.Written.ToArray(), random), MaxBody);
            var at = 0;
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
                while (TryTakeMessage(reader, out var sequence, out var data))
                {
                    Assert.Equal(written[at].Sequence, sequence);
                    Assert.Equal(written[at++].Data, data);
                }
            }
            Assert.Equal((written.Count, false), (at, reader.IsMalformed));
        }
    }

    [Fact]
    public async Task Noise_is_read_or_refused()
    {
        var random = new Random(32);
        var (frames, messages, malformed) = (0, 0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Noise(random);
            using var reader = new FrameReader(new CutStream(bytes, random), MaxBody);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken)) { Count(reader, ref frames, ref messages); }
            if (reader.IsMalformed) { malformed++; }
        }
        Assert.All([frames, messages, malformed], static count => Assert.NotEqual(0, count));
    }

    [Fact]
    public async Task Requests_and_offers_that_are_noise_are_read_or_refused()
    {
        var random = new Random(33);
        var options = new MessageOptions { MaxRequests = 16, MaxRequestBytes = 64 << 10, MaxMessageSize = 1000 };
        var journal = new MessageJournal(null!, options, TimeProvider.System);
        var desk = new RequestDesk(null!, default, journal, options, TimeProvider.System);
        desk.Begin(1, new AsyncSignal());
        var (requests, refused, offers) = (0, 0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            using var frames = new FrameBuffer();
            var data = new byte[random.Next(60)];
            random.NextBytes(data);
            frames.Write(MessageFrameType.Offer, [1], data.AsSpan(0, Math.Min(16, data.Length)), [9, 2, (byte)'a', (byte)random.Next(256)]);
            frames.Write(MessageFrameType.Request, [(ulong)random.Next(100), (ulong)random.Next(1000), 2], "ab"u8, data);
            var bytes = frames.Written.ToArray();
            for (var flips = random.Next(3); flips > 0; flips--) { bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)); }
            using var reader = new FrameReader(new MemoryStream(bytes), MaxBody);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
                if (FileReceiver.TryTakeOffer(reader, default, out var offer, out var id))
                {
                    offers++;
                    Assert.Equal((16, -1), (id.Length, offer.Name.AsSpan().IndexOfAny('/', '\\', '\0')));
                }
                while (reader.TryTake(out var type, out var body))
                {
                    if (desk.Handle(random.Next(3) == 0 ? MessageFrameType.Withdraw : MessageFrameType.Request, body)) { requests++; }
                    else { refused++; }
                }
            }
        }
        Assert.All([requests, refused, offers], static count => Assert.NotEqual(0, count));
    }

    private static void Count(FrameReader reader, ref int frames, ref int messages)
    {
        while (reader.TryTake(out _, out var body))
        {
            Assert.InRange(body.Length, 0, MaxBody);
            frames++;
            if (!MessageContent.TryParse(body, 100, out var content)) { continue; }
            messages++;
            Assert.InRange(content.Data.Length, 0, 100);
            Assert.InRange(content.Subject.Length, 0, MessageContent.MaxSubjectLength);
            _ = DateTimeOffset.FromUnixTimeMilliseconds(content.SentAtMs);
        }
    }

    private static bool TryTakeMessage(FrameReader reader, out ulong sequence, out byte[] data)
    {
        (sequence, data) = (0, []);
        if (!reader.TryTake(out var type, out var body)) { return false; }
        Assert.Equal(MessageFrameType.Message, type);
        Assert.True(MessageContent.TryParse(body, MaxBody, out var content));
        Assert.Equal("a subject"u8, content.Subject);
        (sequence, data) = (content.Sequence, content.Data.ToArray());
        return true;
    }

    // A message or noise, mostly with a bit flipped.
    private static byte[] Noise(Random random)
    {
        using var frames = new FrameBuffer();
        var data = new byte[random.Next(150)];
        random.NextBytes(data);
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            if (random.Next(3) == 0) { frames.Write((MessageFrameType)random.Next(9), [(ulong)random.Next(1000)], data); }
            else { frames.WriteMessage(new() { Sequence = (ulong)random.Next(1, 1000), SentAtMs = random.Next(), Subject = data.AsSpan(0, Math.Min(data.Length, 9)).ContainsAnyExceptInRange((byte)0, (byte)127) ? "s"u8 : "t"u8, Data = data }); }
        }
        var bytes = frames.Written[..random.Next(frames.Length + 1)].ToArray();
        for (var flips = random.Next(4); flips > 0 && bytes.Length > 0; flips--) { bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)); }
        return bytes;
    }

    /// <summary>Hands out bytes in pieces.</summary>
    private sealed class CutStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, random.Next(2) == 0 ? 4 : 3000))], cancellationToken);
    }
}
