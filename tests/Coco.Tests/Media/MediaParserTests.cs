using Coco.Cluster;
using Coco.Crypto;
using Coco.Media;
using Coco.Tests.Hosting;

namespace Coco.Tests.Media;

/// <summary>Whatever a peer sends is read, or refused, without an exception and without memory for what did not come.</summary>
public sealed class MediaParserTests
{
    private static readonly int Inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 400_000 : 20_000;
    private static readonly NodeId Somebody = NodeId.Read([.. Enumerable.Range(0, 32).Select(static i => (byte)i)]);

    [Fact]
    public void What_is_written_is_read()
    {
        var subscribe = new SubscribeWords(5, Somebody, "camera/door", true, 9, [Somebody], ["video", "audio"]);
        var read = SubscribeWords.TryRead(subscribe.Encode())!;
        Assert.Equal(subscribe with { Avoided = read.Avoided, Tracks = read.Tracks }, read);
        Assert.Equal(subscribe.Avoided, read.Avoided);
        Assert.Equal(subscribe.Tracks, read.Tracks);

        var state = StateWords.TryRead(new StateWords(TimeSpan.FromSeconds(3), [Somebody, Somebody], [1, 2, 3]).Encode())!;
        Assert.Equal((TimeSpan.FromSeconds(3), 2, 3), (state.Time, state.Way.Count, state.Description.Length));
        var redirect = RedirectWords.TryRead(new RedirectWords(ulong.MaxValue, [Somebody]).Encode())!;
        Assert.Equal((ulong.MaxValue, Somebody), (redirect.Epoch, redirect.Nodes[0]));
        var report = new ReportWords(1, 2, 3, 4, 5);
        Assert.Equal(report, ReportWords.TryRead(report.Encode()));
    }

    [Fact]
    public void A_description_counts_only_for_its_producer_network_and_stream()
    {
        using var key = IdentityKey.FromSeed(new byte[32]);
        var network = new NetworkId(Somebody);
        var description = new StreamDescription(3, 1, [new("video", 0, TimeSpan.FromSeconds(1), true), new("audio", 32, TimeSpan.FromMilliseconds(80), false)]);
        var signed = description.Sign(key, network, "camera");

        var read = StreamDescription.TryRead(signed, network, key.Id, "camera")!;
        Assert.Equal((description.Epoch, description.Version), (read.Epoch, read.Version));
        Assert.Equal(description.Tracks, read.Tracks);
        Assert.Null(StreamDescription.TryRead(signed, network, key.Id, "other"));
        Assert.Null(StreamDescription.TryRead(signed, new NetworkId(key.Id), key.Id, "camera"));
        Assert.Null(StreamDescription.TryRead(signed, network, Somebody, "camera"));
    }

    [Fact]
    public void Frames_objects_and_descriptions_of_any_bytes_are_read_or_refused()
    {
        var random = new Random(21);
        var description = new StreamDescription(3, 1, [new("video", 0, TimeSpan.FromSeconds(1), true), new("audio", 32, TimeSpan.FromMilliseconds(80), false)]);
        byte[][] seeds =
        [
            new SubscribeWords(5, Somebody, "camera/door", true, 9, [Somebody], ["video"]).Encode(), new StateWords(TimeSpan.FromSeconds(3), [Somebody], [1]).Encode(),
            new RedirectWords(1, [Somebody]).Encode(), new ReportWords(1, 2, 3, 4, 5).Encode(), description.Encode(),
            LiveObject.Encode(1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), "data"u8),
        ];
        var read = new int[seeds.Length];
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Damage(seeds[random.Next(seeds.Length)], random);
            if (SubscribeWords.TryRead(bytes) is { } subscribe)
            {
                read[0]++;
                Assert.InRange(subscribe.Avoided.Count, 0, MediaText.MaxNodes);
                Assert.True(StreamNames.IsValid(subscribe.Name));
                Assert.All(subscribe.Tracks, static track => Assert.True(Labels.IsValid(track)));
            }
            read[1] += StateWords.TryRead(bytes) is { Way.Count: >= 1 and <= MediaText.MaxNodes } ? 1 : 0;
            read[2] += RedirectWords.TryRead(bytes) is { Nodes.Count: <= MediaText.MaxNodes } ? 1 : 0;
            read[3] += ReportWords.TryRead(bytes) is { Copies: >= 0 and <= 65_536 } ? 1 : 0;
            read[4] += StreamDescription.TryRead(bytes.AsSpan()) is { Tracks.Count: <= StreamDescription.MaxTracks } ? 1 : 0;
            if (LiveObject.TryRead(new(0, 0, 0, ObjectPlace.NoChain), bytes) is { } item)
            {
                read[5]++;
                Assert.InRange(item.Deadline, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
                Assert.True(item.Timestamp >= TimeSpan.Zero && item.Data.Length < bytes.Length);
            }
        }
        Assert.All(read, count => Assert.InRange(count, Inputs / 100, Inputs));
    }

    [Fact]
    public async Task Records_of_any_bytes_are_cut_where_they_end()
    {
        var random = new Random(22);
        var (records, malformed) = (0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = Records(random);
            var stream = new PeerStream(bytes, random);
            var reader = new RecordReader(stream, 5000);
            if (random.Next(4) == 0) { await GroupHeader.ReadAsync(reader, default); }
            while (await reader.ReadAsync(default) is var (_, body))
            {
                Assert.InRange(body.Length, 0, 5000);
                records++;
            }
            malformed += reader.IsMalformed ? 1 : 0;
            Assert.InRange(stream.LargestBuffer, 0, 5000);
        }
        Assert.InRange(records, Inputs, int.MaxValue);
        Assert.InRange(malformed, Inputs / 10, Inputs);
    }

    [Fact]
    public async Task A_record_takes_memory_as_it_arrives()
    {
        // Announces 16 MiB, and brings ten bytes of them.
        var reader = new RecordReader(new PeerStream([0x01, 0x80 | 1, 0, 0, 0, .. new byte[10]], new Random(1)), 16 << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(await reader.ReadAsync(default));
        Assert.True(reader.IsMalformed);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    private static byte[] Damage(byte[] seed, Random random)
    {
        var bytes = random.Next(4) == 0 ? [.. seed, .. new byte[random.Next(20)]] : seed.ToArray();
        if (random.Next(5) == 0) { bytes = bytes[..random.Next(bytes.Length + 1)]; }
        for (var i = random.Next(3); i > 0 && bytes.Length > 0; i--) { bytes[random.Next(bytes.Length)] = (byte)random.Next(256); }
        return bytes;
    }

    private static byte[] Records(Random random)
    {
        var all = new List<byte>();
        for (var i = random.Next(6); i >= 0; i--)
        {
            var length = random.Next(8) switch { 0 => 0, 1 => 63, 2 => 64, 3 => 4999, 4 => 5000, 5 => 5001, _ => random.Next(200) };
            all.AddRange([(byte)random.Next(64), (byte)(0x40 | (length >> 8)), (byte)length, .. new byte[length]]);
        }
        if (random.Next(2) == 0) { all.RemoveRange(all.Count - 1 - random.Next(Math.Min(all.Count, 3)), 1); }
        return [.. all];
    }
}
