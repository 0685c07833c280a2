using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Data;
using Coco.Data.Core;
using static Coco.Tests.Data.DataScene;

namespace Coco.Tests.Data;

/// <summary>Blobs of users' collections with keepers, who cannot read them.</summary>
public sealed class KeptBlobTests
{
    [Fact]
    public async Task A_keeper_keeps_a_blob_that_it_cannot_read_for_nodes_that_are_never_there_together()
    {
        await using var scene = new DataScene();
        await scene.StartAsync("store");
        var (phone, laptop) = (await scene.JoinAsync("phone"), await scene.JoinAsync("laptop"));
        await scene.Network.AllSeeAsync(scene.Hub, phone, laptop);
        var (phoneId, laptopId) = (phone.Id, laptop.Id);
        await laptop.DisposeAsync();
        await scene.WaitUntilGoneAsync(phone, laptopId);
        var content = Noise((5 * BlobTree.ChunkSize) + 1234, 1);
        var blob = await phone.Store.Open("photos").AddBlobAsync(new MemoryStream(content), scene.Patience);
        var kept = await UntilKeptAsync(scene, 1);
        await phone.DisposeAsync();
        await scene.WaitUntilGoneAsync(scene.Hub, phoneId);
        AssertSealed(scene, kept[0], blob, content);

        laptop = await scene.StartAgainAsync("laptop");
        var photos = laptop.Store.Open("photos");
        await scene.UntilAsync(async () => await photos.StatAsync(blob, scene.Patience) is not null, "it is known");

        Assert.Equal(content, await ReadAsync(scene, photos, blob));
        await photos.PinAsync(blob, scene.Patience); // whole, and checked against the blob's own identity
        Assert.True(await photos.RemoveBlobAsync(blob, scene.Patience));
        await scene.UntilAsync(() => Task.FromResult(scene.Hub.Store.KeptFiles.Count == 0 && scene.Hub.Store.KeptBytes == 0), "the keeper has deleted it");
    }

    [Fact]
    public async Task What_a_keeper_has_changed_is_taken_by_nobody()
    {
        await using var scene = new DataScene();
        await scene.StartAsync("store");
        var (phone, laptop) = await TwoWithoutCopiesAsync(scene);
        var blob = await phone.Store.Open("photos").AddBlobAsync(new MemoryStream(Noise(200_000, 2)), scene.Patience);
        var kept = await UntilKeptAsync(scene, 1);
        var photos = laptop.Store.Open("photos");
        await scene.UntilAsync(async () => await photos.StatAsync(blob, scene.Patience) is not null, "it is known");
        var phoneId = phone.Id;
        await phone.DisposeAsync();
        await scene.WaitUntilGoneAsync(laptop, phoneId);
        var bytes = kept[0].Read(0);
        bytes[77] ^= 1;
        kept[0].Write(0, bytes);

        var failure = await Assert.ThrowsAsync<CocoException>(() => photos.PinAsync(blob, scene.Patience));

        Assert.Equal(CocoError.Unreachable, failure.Code);
    }

    [Fact]
    public async Task A_keeper_holds_no_more_for_a_user_than_it_may()
    {
        await using var scene = new DataScene();
        await scene.StartAsync(new DataOptions { MaxKeptBlobBytesOfUser = 300_000 }, "store");
        var (phone, _) = await TwoWithoutCopiesAsync(scene);
        var photos = phone.Store.Open("photos");
        var first = await photos.AddBlobAsync(new MemoryStream(Noise(200_000, 3)), scene.Patience);
        await UntilKeptAsync(scene, 1);
        var second = await photos.AddBlobAsync(new MemoryStream(Noise(150_000, 4)), scene.Patience);
        var third = await photos.AddBlobAsync(new MemoryStream(Noise(90_000, 5)), scene.Patience);
        await UntilKeptAsync(scene, 2);
        Assert.Equal(290_000, scene.Hub.Store.KeptBytes);

        // Room that one leaves the other gets, when it is looked at again.
        await photos.RemoveBlobAsync(first, scene.Patience);
        await photos.RemoveBlobAsync(third, scene.Patience);
        await scene.UntilAsync(() => Task.FromResult(scene.Hub.Store.KeptFiles is [{ Record: { IsWhole: true, Length: 150_000 } }]), "the second is kept");
        Assert.NotEqual(second, scene.Hub.Store.KeptFiles[0].Record.Id);
    }

    [Fact]
    public async Task A_blob_is_sealed_the_same_on_all_of_the_users_nodes_and_differently_for_each_key_and_blob()
    {
        using var lease = new BlobTests.Store();
        var content = Noise(150_000, 6);
        var record = await lease.Blobs.AddAsync(new MemoryStream(content), TestContext.Current.CancellationToken);
        var file = lease.Blobs.Find(record.Id)!;
        var key = RandomNumberGenerator.GetBytes(32);
        using var sealedHere = new SealedBlob(key, record.Id);
        using var sealedThere = new SealedBlob(key, record.Id);
        using var otherKey = new SealedBlob(RandomNumberGenerator.GetBytes(32), record.Id);
        using var otherBlob = new SealedBlob(key, new(Digest.Of("other"u8)));
        var id = sealedHere.Measure(file);
        Assert.Equal(id, sealedThere.Measure(file));
        Assert.Distinct([record.Id, id, otherKey.Measure(file), otherBlob.Measure(file)]);
        for (var chunk = 0; chunk < file.Chunks; chunk++)
        {
            var bytes = file.Read(chunk);
            sealedHere.Apply(chunk, bytes);
            Assert.True(BlobTree.IsChunk(id, record.Length, chunk, bytes, sealedThere.ProofOf(file, chunk)));
            // No stream begins again within a blob: NIST SP 800-38A §6.5.
            Assert.False(bytes.AsSpan().SequenceEqual(file.Read(chunk)));
            sealedThere.Apply(chunk, bytes);
            Assert.Equal(file.Read(chunk), bytes);
        }
        var (first, second) = (new byte[BlobTree.ChunkSize], new byte[BlobTree.ChunkSize]);
        sealedHere.Apply(0, first);
        sealedHere.Apply(1, second);
        Assert.Equal(2 * BlobTree.ChunkSize / 16, first.Chunk(16).Concat(second.Chunk(16)).Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void What_is_to_be_kept_a_keeper_can_tell_and_nothing_more()
    {
        using var ada = IdentityKey.Generate(new SeededRandomSource(1));
        var network = new Cluster.NetworkId(ada.Id);
        var name = CollectionName.OfUser(new(ada.Id), new("org.example.chat"), "notes");
        var seal = new CollectionSeal(name, network, ada, new());
        var (blob, shown) = (Digest.Of("plain"u8), new BlobId(Digest.Of("sealed"u8)));
        byte[] value = [0x44, 0x00, .. blob.ToArray()]; // 1,024 bytes
        var text = DataCollection.KeyOfSealed(shown);
        var key = seal.KeyOf(text);
        var entry = SignedEntry.Make(key, seal.Seal(text, key, value), false, new(5, ada.Id), name.Id, new EntrySigner(network, ada));

        Assert.True(CollectionSeal.TryShow(entry, out var seen, out var length));
        Assert.Equal((shown, 1024), (seen, length));
        Assert.Equal(SeenEntry.Of(text), CollectionSeal.SeeAsKeeper(entry));
        Assert.True(entry.Bytes.AsSpan().IndexOf(blob.ToArray()) < 0);
        Assert.True(seal.TryOpen(entry, out var opened, out var inside));
        Assert.Equal(text, opened);
        Assert.Equal(value, inside);
        var random = new Random(3);
        for (var i = 0; i < 2000; i++)
        {
            var noise = SignedEntry.Make(Noise(random.Next(1, 40), i), Noise(random.Next(60), ~i), false, new(5, ada.Id), name.Id, new EntrySigner(network, ada));
            Assert.False(seal.TryOpen(noise, out _, out _));
            if (CollectionSeal.TryShow(noise, out _, out var claimed)) { Assert.InRange(claimed, 0, BlobTree.MaxLength); }
        }
    }

    private static void AssertSealed(DataScene scene, BlobFile kept, BlobId blob, byte[] content)
    {
        Assert.NotEqual(blob, kept.Record.Id);
        Assert.Equal(content.Length, kept.Record.Length);
        for (var chunk = 0; chunk < kept.Chunks; chunk++)
        {
            var bytes = kept.Read(chunk);
            Assert.True(bytes.AsSpan().IndexOf(content.AsSpan(chunk * BlobTree.ChunkSize, 16)) < 0);
            Assert.True(BlobTree.IsChunk(kept.Record.Id, content.Length, chunk, bytes, kept.ProofOf(chunk)));
        }
        Assert.Null(scene.Hub.Store.Files.Find(blob));
    }

    private static async Task<(Node Phone, Node Laptop)> TwoWithoutCopiesAsync(DataScene scene)
    {
        var options = new DataOptions { BlobCopies = 0 };
        var (phone, laptop) = (await scene.JoinAsync("phone", options), await scene.JoinAsync("laptop", options));
        await scene.Network.AllSeeAsync(scene.Hub, phone, laptop);
        return (phone, laptop);
    }

    private static async Task<IReadOnlyList<BlobFile>> UntilKeptAsync(DataScene scene, int count)
    {
        await scene.UntilAsync(() => Task.FromResult(scene.Hub.Store.KeptFiles.Count(static file => file.Record.IsWhole) == count), $"the keeper has {count}");
        return scene.Hub.Store.KeptFiles;
    }

    private static async Task<byte[]> ReadAsync(DataScene scene, DataCollection collection, BlobId blob)
    {
        await using var stream = await collection.OpenBlobAsync(blob, scene.Patience);
        var memory = new MemoryStream();
        await stream.CopyToAsync(memory, scene.Patience);
        return memory.ToArray();
    }
}
