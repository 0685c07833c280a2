using System.Security.Cryptography;
using Coco.Data;
using Coco.Tests.Networks;
using static Coco.Tests.Data.DataScene;

namespace Coco.Tests.Data;

public sealed class BlobTests
{
    private static readonly int Inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 400_000 : 20_000;
    private static readonly DataOptions OnlyWhenAsked = new() { BlobCopies = 0 };

    [Fact]
    public async Task Each_chunk_shows_that_it_is_one_of_its_blob_and_nothing_else_does()
    {
        foreach (var length in new[] { 0, 1, BlobTree.ChunkSize, BlobTree.ChunkSize + 1, (5 * BlobTree.ChunkSize) - 7, 6 * BlobTree.ChunkSize })
        {
            using var lease = new Store();
            var content = Noise(length, length);
            var record = await lease.Blobs.AddAsync(new MemoryStream(content), TestContext.Current.CancellationToken);
            var file = lease.Blobs.Find(record.Id)!;
            Assert.Equal((length, true), ((int)record.Length, record.IsWhole));
            for (var chunk = 0; chunk < file.Chunks; chunk++)
            {
                var bytes = file.Read(chunk);
                var proof = file.ProofOf(chunk);
                Assert.True(BlobTree.IsChunk(record.Id, length, chunk, bytes, proof));
                Assert.True(content.AsSpan(chunk * BlobTree.ChunkSize, bytes.Length).SequenceEqual(bytes));
                Assert.False(BlobTree.IsChunk(record.Id, length + 1, chunk, bytes, proof));
                Assert.False(BlobTree.IsChunk(record.Id, length, chunk + 1, bytes, proof));
                Assert.False(BlobTree.IsChunk(record.Id, length, chunk, bytes, [.. proof, default]));
                if (bytes.Length == 0) { continue; }
                bytes[bytes.Length / 2] ^= 1;
                Assert.False(BlobTree.IsChunk(record.Id, length, chunk, bytes, proof));
            }
        }
    }

    [Fact]
    public async Task A_blob_of_more_than_one_group_of_leaves_is_proved_from_the_disk()
    {
        using var lease = new Store();
        var chunks = BlobTree.GroupSize + 6;
        var record = await lease.Blobs.AddAsync(new Counting((long)chunks * BlobTree.ChunkSize), TestContext.Current.CancellationToken);
        Assert.Equal(chunks, BlobTree.ChunksOf(record.Length));
        var file = lease.Blobs.Find(record.Id)!;
        foreach (var chunk in new[] { 0, 1, BlobTree.GroupSize - 1, BlobTree.GroupSize, chunks - 1 })
        {
            Assert.True(BlobTree.IsChunk(record.Id, record.Length, chunk, file.Read(chunk), file.ProofOf(chunk)));
        }
    }

    [Fact]
    public void Frames_for_blobs_that_are_noise_are_read_or_refused()
    {
        var random = new Random(51);
        var chunk = Noise(100, 1);
        var id = BlobTree.IdOf(100, BlobTree.Leaf(chunk));
        var (good, refused) = (0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var frame = random.Next(2) == 0 ? BlobFrames.Get(id.Digest, id, random.Next(), random.Next(20)) : BlobFrames.Chunk(0, 100, [], chunk);
            var body = frame.AsSpan(random.Next(4) == 0 ? random.Next(frame.Length) : 1 + Quic.Packets.VarInt.Length((ulong)frame.Length)).ToArray();
            for (var flips = random.Next(2); flips > 0 && body.Length > 0; flips--) { body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8)); }
            var isGet = BlobFrames.TryReadGet(body, out _, out _, out var first, out var count);
            if (isGet) { Assert.True(first >= 0 && count is > 0 and <= BlobFrames.MaxChunks && first + count > 0); }
            var isChunk = BlobFrames.TryReadChunk(body, id, 0, out _, out var bytes);
            if (isChunk) { Assert.True(bytes.SequenceEqual(chunk)); }
            if (isGet || isChunk) { good++; }
            else { refused++; }
        }
        Assert.All([good, refused], static count => Assert.NotEqual(0, count));
    }

    [Fact]
    public async Task A_blob_comes_from_several_and_goes_on_when_one_is_killed_in_the_middle()
    {
        await using var scene = new DataScene();
        var (phone, laptop) = await scene.TwoAsync(OnlyWhenAsked);
        var tablet = await scene.JoinAsync("tablet", OnlyWhenAsked);
        await scene.Network.AllSeeAsync(scene.Hub, phone, laptop, tablet);
        var content = Noise(20_000_000, 7);
        var blob = await phone.Store.Open().AddBlobAsync(new MemoryStream(content), scene.Patience);
        await scene.UntilAsync(async () => await laptop.Store.Open().StatAsync(blob, scene.Patience) is not null, "the laptop knows of it");
        await laptop.Store.Open().PinAsync(blob, scene.Patience);
        Assert.Equal((20_000_000, true, true), await laptop.Store.Open().StatAsync(blob, scene.Patience) is { } there ? ((int)there.Length, there.IsWhole, there.IsPinned) : default);

        await using var stream = await tablet.Store.Open().OpenBlobAsync(blob, scene.Patience);
        var first = new byte[5_000_000];
        await stream.ReadExactlyAsync(first, scene.Patience);
        await phone.DisposeAsync();
        var rest = new MemoryStream();
        await stream.CopyToAsync(rest, scene.Patience);

        Assert.True(content.AsSpan(0, first.Length).SequenceEqual(first) && content.AsSpan(first.Length).SequenceEqual(rest.ToArray()));
    }

    [Fact]
    public async Task Reading_a_part_brings_little_more_than_the_part()
    {
        await using var scene = new DataScene();
        var (phone, laptop) = await scene.TwoAsync(OnlyWhenAsked);
        var content = Noise(20_000_000, 8);
        var blob = await phone.Store.Open().AddBlobAsync(new MemoryStream(content), scene.Patience);
        await scene.UntilAsync(() => Task.FromResult(laptop.Store.Open().Blobs.Contains(blob)), "the laptop knows of it");

        await using var stream = await laptop.Store.Open().OpenBlobAsync(blob, scene.Patience);
        stream.Position = 12_345_678;
        var part = new byte[100_000];
        await stream.ReadExactlyAsync(part, scene.Patience);

        Assert.True(content.AsSpan(12_345_678, part.Length).SequenceEqual(part));
        Assert.InRange(laptop.Store.TransferredOf(blob), 100_000, 1_500_000);
        Assert.InRange((await laptop.Store.Open().StatAsync(blob, scene.Patience))!.AvailableBytes, 100_000, 1_500_000);
    }

    [Fact]
    public async Task What_had_come_before_a_restart_does_not_come_again()
    {
        await using var scene = new DataScene();
        var (phone, laptop) = await scene.TwoAsync(OnlyWhenAsked);
        var content = Noise(10_000_000, 9);
        var blob = await phone.Store.Open().AddBlobAsync(new MemoryStream(content), scene.Patience);
        await scene.UntilAsync(() => Task.FromResult(laptop.Store.Open().Blobs.Contains(blob)), "the laptop knows of it");
        await using (var part = await laptop.Store.Open().OpenBlobAsync(blob, scene.Patience)) { await part.ReadExactlyAsync(new byte[6_000_000], scene.Patience); }
        await laptop.DisposeAsync();

        laptop = await scene.StartAgainAsync("laptop", OnlyWhenAsked);
        await scene.UntilAsync(() => Task.FromResult(laptop.Peers.Any(peer => peer.Id == phone.Id && peer.IsReachable)), "the phone is there");
        await laptop.Store.Open().PinAsync(blob, scene.Patience);

        Assert.InRange(laptop.Store.TransferredOf(blob), 1_000_000, 5_000_000);
        await using var stream = await laptop.Store.Open().OpenBlobAsync(blob, scene.Patience);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(content)), Convert.ToHexString(await SHA256.HashDataAsync(stream, scene.Patience)));
    }

    [Fact]
    public async Task One_that_sends_other_bytes_is_named_and_another_is_asked()
    {
        await using var scene = new DataScene();
        var log = new LogRecorder();
        await scene.StartAsync();
        var liar = await scene.JoinAsync("liar", OnlyWhenAsked);
        var honest = await scene.JoinAsync("honest", OnlyWhenAsked);
        var reader = await scene.Network.JoinAsync(scene.Hub, "reader", change: from => scene.Stored("reader", OnlyWhenAsked, from) with { LoggerFactory = log });
        await scene.Network.AllSeeAsync(scene.Hub, liar, honest, reader);
        var content = Noise(1_000_000, 10);
        var blob = await liar.Store.Open().AddBlobAsync(new MemoryStream(content), scene.Patience);
        await scene.UntilAsync(() => Task.FromResult(honest.Store.Open().Blobs.Contains(blob) && reader.Store.Open().Blobs.Contains(blob)), "all know of it");
        await honest.Store.Open().PinAsync(blob, scene.Patience);
        var file = liar.Store.Files.Find(blob)!;
        for (var chunk = 0; chunk < file.Chunks; chunk++) { file.Write(chunk, new byte[BlobTree.LengthOf(chunk, file.Record.Length)]); }

        var honestId = honest.Id;
        await honest.DisposeAsync();
        await scene.WaitUntilGoneAsync(reader, honestId);
        var failure = await Assert.ThrowsAsync<CocoException>(() => reader.Store.Open().PinAsync(blob, scene.Patience));
        Assert.Equal(CocoError.Unreachable, failure.Code);
        log.AssertSays(1565, $"Peer {liar.Id} sent bytes of blob {blob}");
        await scene.StartAgainAsync("honest", OnlyWhenAsked);
        await scene.UntilAsync(() => Task.FromResult(reader.Peers.Any(peer => peer.Id == honestId && peer.IsReachable)), "the honest one is there");
        await reader.Store.Open().PinAsync(blob, scene.Patience);

        await using var stream = await reader.Store.Open().OpenBlobAsync(blob, scene.Patience);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(content)), Convert.ToHexString(await SHA256.HashDataAsync(stream, scene.Patience)));
    }

    [Fact]
    public async Task Others_fetch_a_blob_by_themselves_and_delete_it_when_it_is_removed()
    {
        await using var scene = new DataScene();
        var (phone, laptop) = await scene.TwoAsync();
        var (here, there) = (phone.Store.Open(), laptop.Store.Open());
        var blob = await here.AddBlobAsync(new MemoryStream(Noise(3_000_000, 11)), scene.Patience);
        await scene.UntilAsync(async () => await there.StatAsync(blob, scene.Patience) is { IsWhole: true }, "the laptop has it");

        Assert.True(await here.RemoveBlobAsync(blob, scene.Patience));

        await scene.UntilAsync(async () => await there.StatAsync(blob, scene.Patience) is null, "the laptop knows it is gone");
        await scene.UntilAsync(() => Task.FromResult(new[] { "phone", "laptop" }.All(name => Directory.GetFiles(scene.PathOf(name) + ".blobs").Length == 0)), "the files are gone");
        Assert.Equal(CocoError.Unreachable, (await Assert.ThrowsAsync<CocoException>(() => there.OpenBlobAsync(blob, scene.Patience))).Code);
    }

    internal sealed class Store : IDisposable
    {
        public Store()
        {
            var gate = new Lock();
            Blobs = new(new(), new DataJournal(new(), gate), gate);
        }

        public BlobStore Blobs { get; }

        public void Dispose() => Blobs.Dispose();
    }

    /// <summary>So many bytes, none of which is kept.</summary>
    private sealed class Counting(long length) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = (int)Math.Min(count, length - _position);
            buffer.AsSpan(offset, count).Fill((byte)(_position >> 16));
            _position += count;
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
