using System.Text;
using Coco.Cluster.Policies;
using Coco.Data;
using static Coco.Tests.Data.DataScene;

namespace Coco.Tests.Data;

public sealed class EntryTests
{
    private const int NoSpace = 28; // ENOSPC

    [Fact]
    public async Task What_one_of_the_users_nodes_writes_the_others_have_and_it_is_on_their_disks_when_that_was_asked_for()
    {
        await using var scene = new DataScene();
        var (phone, laptop) = await scene.TwoAsync();
        var (here, there) = (phone.Store.Open("notes"), laptop.Store.Open("notes"));

        var version = await here.PutAsync("shopping", Bytes("milk"), new() { Replicas = 1 }, scene.Patience);

        var entry = await there.GetAsync("shopping", scene.Patience);
        Assert.Equal(("milk", version, phone.Id), (Encoding.UTF8.GetString(entry!.Value.Span), entry.Version, entry.Version.Writer));
        Assert.True(await there.DeleteAsync("shopping", new() { Replicas = 1 }, scene.Patience));
        Assert.Null(await here.GetAsync("shopping", scene.Patience));
        Assert.False(await here.DeleteAsync("shopping", null, scene.Patience));
    }

    [Fact]
    public async Task Nodes_that_wrote_apart_end_with_the_same()
    {
        await using var scene = new DataScene();
        var (phone, laptop) = await scene.TwoAsync();
        await phone.Store.PutAsync("both", Bytes("first"), null, scene.Patience);
        await phone.Store.PutAsync("deleted", Bytes("x"), null, scene.Patience);
        await scene.UntilAsync(laptop.Store.Open(), "deleted", null); // it has not opened it before
        await scene.UntilAsync(laptop.Store.Open(), "deleted", "x");
        var laptopId = laptop.Id;
        await laptop.DisposeAsync();
        await scene.WaitUntilGoneAsync(phone, laptopId);
        await phone.Store.PutAsync("both", Bytes("of the phone"), null, scene.Patience);
        await phone.Store.PutAsync("long", Noise(60_000, 1), null, scene.Patience);
        await phone.DisposeAsync();

        laptop = await scene.StartAgainAsync("laptop");
        await laptop.Store.PutAsync("both", Bytes("of the laptop"), null, scene.Patience);
        await laptop.Store.DeleteAsync("deleted", null, scene.Patience);
        phone = await scene.StartAgainAsync("phone");

        var (here, there) = (phone.Store.Open(), laptop.Store.Open());
        await scene.UntilAsync(here, "both", "of the laptop");
        await scene.UntilAsync(here, "deleted", null);
        await scene.UntilAsync(async () => (await there.GetAsync("long", scene.Patience))?.Value.Span.SequenceEqual(Noise(60_000, 1)) == true, "the long one is there");
        Assert.Equal(here.Table.Root, there.Table.Root);
        Assert.Equal(["both", "long"], await here.ListAsync("", scene.Patience).Select(static entry => entry.Key).ToListAsync(scene.Patience));
    }

    [Fact]
    public async Task A_watcher_is_told_of_what_changes_anywhere_and_a_slow_one_the_last_of_each()
    {
        await using var scene = new DataScene();
        var (phone, laptop) = await scene.TwoAsync();
        var (here, there) = (phone.Store.Open("notes"), laptop.Store.Open("notes"));
        await using var changes = there.WatchAsync("a/", scene.Patience).GetAsyncEnumerator(scene.Patience);
        var next = changes.MoveNextAsync();
        await here.PutAsync("b/1", Bytes("not wanted"), null, scene.Patience);
        await here.PutAsync("a/1", Bytes("first"), null, scene.Patience);
        Assert.True(await next);
        Assert.Equal("a/1", changes.Current.Key);
        for (var i = 0; i < 200; i++) { await here.PutAsync("a/2", Bytes($"{i}"), null, scene.Patience); }
        await here.DeleteAsync("a/1", null, scene.Patience);
        await scene.UntilAsync(there, "a/1", null);

        var seen = new List<EntryChange>();
        while (seen.Count == 0 || seen[^1].Key != "a/1")
        {
            Assert.True(await changes.MoveNextAsync());
            seen.Add(changes.Current);
        }

        Assert.True(seen[^1].IsDeleted);
        Assert.InRange(seen.Count, 2, 100);
        Assert.Equal("199", Encoding.UTF8.GetString(seen[^2].Entry!.Value.Span));
    }

    [Fact]
    public async Task What_was_put_is_there_after_a_restart_and_nothing_of_it_is_in_the_files_in_clear()
    {
        await using var scene = new DataScene();
        var (phone, laptop) = await scene.TwoAsync();
        await laptop.DisposeAsync();
        var notes = phone.Store.Open("notes");
        var secret = Bytes("a secret that is long enough to be found");
        for (var i = 0; i < 100; i++) { await notes.PutAsync($"a telling name {i}", (byte[])[.. secret, (byte)i, .. Noise(i * 20, i)], null, scene.Patience); }
        var blob = await notes.AddBlobAsync(new MemoryStream([.. secret, .. secret]), scene.Patience);
        await phone.DisposeAsync();

        foreach (var file in Directory.EnumerateFiles(scene.Folder, "*", SearchOption.AllDirectories))
        {
            var bytes = await File.ReadAllBytesAsync(file, scene.Patience);
            Assert.True(bytes.AsSpan().IndexOf("a secret"u8) < 0 && bytes.AsSpan().IndexOf("telling"u8) < 0, file);
            Assert.DoesNotContain(blob.ToString(), file, StringComparison.Ordinal);
        }
        Assert.True(Directory.EnumerateFiles(scene.PathOf("phone") + ".blobs").Any());
        phone = await scene.StartAgainAsync("phone");
        notes = phone.Store.Open("notes");
        Assert.Equal(100, (await notes.ListAsync("a telling", scene.Patience).ToListAsync(scene.Patience)).Count);
        Assert.Equal((byte[])[.. secret, 77, .. Noise(77 * 20, 77)], (await notes.GetAsync("a telling name 77", scene.Patience))!.Value.ToArray());
        await using var stream = await notes.OpenBlobAsync(blob, scene.Patience);
        Assert.Equal(2 * secret.Length, stream.Length);
    }

    [Fact]
    public async Task An_entry_is_replaced_only_where_it_is_still_what_it_was()
    {
        await using var scene = new DataScene();
        var (phone, _) = await scene.TwoAsync();
        var version = await phone.Store.PutAsync("key", Bytes("one"), new() { IfVersion = default(EntryVersion) }, scene.Patience);
        var failure = await Assert.ThrowsAsync<CocoException>(() => phone.Store.PutAsync("key", Bytes("two"), new() { IfVersion = default(EntryVersion) }, scene.Patience));
        Assert.Equal(CocoError.Changed, failure.Code);
        await phone.Store.PutAsync("key", Bytes("three"), new() { IfVersion = version }, scene.Patience);
        await Assert.ThrowsAsync<CocoException>(() => phone.Store.DeleteAsync("key", new() { IfVersion = version }, scene.Patience));
        Assert.Equal("three", await scene.TextAsync(phone.Store.Open(), "key"));
    }

    [Fact]
    public async Task A_full_disk_is_an_error_that_says_so_and_what_was_written_before_stays()
    {
        await using var scene = new DataScene();
        var isFull = false;
        var options = new DataOptions { BeforeWrite = _ => { if (Volatile.Read(ref isFull)) { throw new IOException("No space left on device", NoSpace); } } };
        var (phone, _) = await scene.TwoAsync(options);
        await phone.Store.PutAsync("key", Bytes("before"), null, scene.Patience);
        Volatile.Write(ref isFull, true);

        var failure = await Assert.ThrowsAsync<CocoException>(() => phone.Store.PutAsync("key", Bytes("lost"), null, scene.Patience));
        var blobFailure = await Assert.ThrowsAsync<CocoException>(() => phone.Store.Open().AddBlobAsync(new MemoryStream(Noise(200_000, 1)), scene.Patience));

        Assert.Equal((CocoError.StoreFull, CocoError.StoreFull), (failure.Code, blobFailure.Code));
        Assert.Equal("before", await scene.TextAsync(phone.Store.Open(), "key"));
        Volatile.Write(ref isFull, false);
        await phone.Store.PutAsync("key", Bytes("after"), null, scene.Patience);
        await phone.DisposeAsync();
        phone = await scene.StartAgainAsync("phone");
        Assert.Equal("after", await scene.TextAsync(phone.Store.Open(), "key"));
    }

    [Fact]
    public async Task Shared_collections_are_read_and_written_by_those_whom_the_policy_lets()
    {
        await using var scene = new DataScene();
        await scene.StartAsync();
        var (writer, reader) = (await scene.Network.JoinAsync(scene.Hub, "writer"), await scene.Network.JoinAsync(scene.Hub, "reader"));
        await scene.Network.AllSeeAsync(scene.Hub, writer, reader);
        await AllowAsync(scene, $"allow publish $coco/store/board from user {writer.User}\nallow subscribe $coco/store/board from anyone\n", scene.Hub, writer, reader);
        var (board, copy) = (writer.Store.Open("board", CollectionScope.Shared), reader.Store.Open("board", CollectionScope.Shared));

        await board.PutAsync("news", Bytes("hello"), new() { Replicas = 1 }, scene.Patience);

        Assert.Equal("hello", await scene.TextAsync(copy, "news"));
        var failure = await Assert.ThrowsAsync<CocoException>(() => copy.PutAsync("news", Bytes("mine"), null, scene.Patience));
        Assert.Equal(CocoError.Denied, failure.Code);
        Assert.Contains("allow publish $coco/store/board", failure.Message);
        Assert.Null(await scene.TextAsync(reader.Store.Open("board"), "news")); // its own user's is another
    }

    [Fact]
    public async Task A_node_that_was_removed_can_write_no_more_and_others_take_nothing_of_it()
    {
        await using var scene = new DataScene();
        await scene.StartAsync();
        var (eve, reader) = (await scene.Network.JoinAsync(scene.Hub, "eve"), await scene.Network.JoinAsync(scene.Hub, "reader"));
        await scene.Network.AllSeeAsync(scene.Hub, eve, reader);
        await AllowAsync(scene, "allow publish $coco/store/board from anyone\nallow subscribe $coco/store/board from anyone\n", scene.Hub, eve, reader);
        var (hers, copy) = (eve.Store.Open("board", CollectionScope.Shared), reader.Store.Open("board", CollectionScope.Shared));
        await hers.PutAsync("before", Bytes("x"), new() { Replicas = 1 }, scene.Patience);

        await scene.Hub.RemoveAsync(eve.Id, scene.Patience);
        await scene.UntilAsync(() => Task.FromResult(eve.IsRemoved && reader.Peers.All(peer => peer.Id != eve.Id)), "she is removed");

        Assert.Equal(CocoError.Removed, (await Assert.ThrowsAsync<CocoException>(() => hers.PutAsync("after", Bytes("x"), null, scene.Patience))).Code);
        Assert.False(reader.Store.IsLinkedWith(copy, eve.Id));
        Assert.Equal("x", await scene.TextAsync(copy, "before"));
    }

    [Fact]
    public async Task A_keeper_keeps_what_it_cannot_read_for_nodes_that_are_never_there_together()
    {
        await using var scene = new DataScene();
        await scene.StartAsync("store");
        var phone = await scene.JoinAsync("phone");
        var laptop = await scene.JoinAsync("laptop");
        await scene.Network.AllSeeAsync(scene.Hub, phone, laptop);
        var (phoneId, laptopId) = (phone.Id, laptop.Id);
        await laptop.DisposeAsync();
        await scene.WaitUntilGoneAsync(phone, laptopId);
        await phone.Store.PutAsync("a telling name", Bytes("a secret"), new() { Replicas = 1 }, scene.Patience);
        await phone.DisposeAsync();
        await scene.WaitUntilGoneAsync(scene.Hub, phoneId);

        laptop = await scene.StartAgainAsync("laptop");

        await scene.UntilAsync(laptop.Store.Open(), "a telling name", "a secret");
        Assert.Empty(scene.Hub.Store.Open().Table.Entries); // the hub's user has another
    }

    private static async Task AllowAsync(DataScene scene, string rules, params Node[] nodes)
    {
        Assert.True(Policy.TryParse("coco policy 1\n" + rules, out var policy, out var error), error);
        await nodes[0].SetPolicyAsync(policy, scene.Patience);
        await Task.WhenAll(nodes.Select(node => node.WaitForAsync(one => one.Loop.View.Policy.Rules.SequenceEqual(policy.Rules), scene.Patience)));
    }
}
