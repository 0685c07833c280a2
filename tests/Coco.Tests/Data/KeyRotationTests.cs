using Coco.Crypto;
using Coco.Data;
using Coco.Data.Core;
using static Coco.Tests.Data.DataScene;

namespace Coco.Tests.Data;

/// <summary>Keys of a user's collections after one of the user's nodes was removed.</summary>
public sealed class KeyRotationTests
{
    [Fact]
    public async Task What_is_written_after_a_device_was_removed_it_cannot_read_and_all_others_can()
    {
        await using var scene = new DataScene();
        await scene.StartAsync("store");
        var (phone, laptop, stolen) = (await scene.JoinAsync("phone"), await scene.JoinAsync("laptop"), await scene.JoinAsync("stolen"));
        await scene.Network.AllSeeAsync(scene.Hub, phone, laptop, stolen);
        var (here, there, theirs) = (phone.Store.Open("notes"), laptop.Store.Open("notes"), stolen.Store.Open("notes"));
        await here.PutAsync("before", Bytes("of all"), new() { Replicas = 3 }, scene.Patience);
        await UntilKnownAsync(scene, phone, laptop, stolen);
        var (laptopId, stolenId) = (laptop.Id, stolen.Id);
        await laptop.DisposeAsync(); // it learns of all this later, from the keeper
        await scene.WaitUntilGoneAsync(phone, laptopId);

        await scene.Hub.RemoveAsync(stolenId, scene.Patience);
        await scene.UntilAsync(() => Task.FromResult(stolen.IsRemoved && phone.Peers.All(peer => peer.Id != stolenId)), "it is removed");
        await here.PutAsync("after", Bytes("of those that are left"), new() { Replicas = 1 }, scene.Patience);
        await here.PutAsync("before", Bytes("once more"), new() { Replicas = 1 }, scene.Patience);

        // Whatever it gets hold of, all that the keeper has: what it had it can read, and no more.
        var kept = Kept(scene.Hub, here);
        foreach (var entry in Kept(scene.Hub, phone, CollectionKeys.Collection)) { stolen.Store.TakeKey(entry); }
        Assert.Equal(2, kept.Count);
        Assert.DoesNotContain(kept, entry => NodeData.CanRead(theirs, entry));
        Assert.All(kept, entry => Assert.True(NodeData.CanRead(here, entry)));
        Assert.Equal("of all", await scene.TextAsync(theirs, "before"));

        var phoneId = phone.Id;
        await phone.DisposeAsync();
        await scene.WaitUntilGoneAsync(scene.Hub, phoneId);
        laptop = await scene.StartAgainAsync("laptop");
        there = laptop.Store.Open("notes");
        await scene.UntilAsync(there, "after", "of those that are left");
        await scene.UntilAsync(there, "before", "once more");
        Assert.Equal(["after", "before"], await there.ListAsync("", scene.Patience).Select(static entry => entry.Key).ToListAsync(scene.Patience));
        await laptop.DisposeAsync();
        laptop = await scene.StartAgainAsync("laptop"); // what was read from the disk stands before its key there, or after it
        Assert.Equal("of those that are left", await scene.TextAsync(laptop.Store.Open("notes"), "after"));
    }

    [Fact]
    public async Task A_device_that_comes_after_a_removal_is_given_the_keys_of_before()
    {
        await using var scene = new DataScene();
        var (phone, stolen) = await scene.TwoAsync();
        var notes = phone.Store.Open("notes");
        stolen.Store.Open("notes");
        await notes.PutAsync("first", Bytes("1"), new() { Replicas = 1 }, scene.Patience);
        await UntilKnownAsync(scene, phone, stolen);
        await scene.Hub.RemoveAsync(stolen.Id, scene.Patience);
        await scene.UntilAsync(() => Task.FromResult(phone.Peers.All(peer => peer.Id != stolen.Id)), "it is removed");
        await notes.PutAsync("second", Bytes("2"), null, scene.Patience);

        var tablet = await scene.JoinAsync("tablet");
        var copy = tablet.Store.Open("notes");

        await scene.UntilAsync(() => Task.FromResult(copy.Table.Root == notes.Table.Root), "all is there");
        await scene.UntilAsync(async () => await copy.ListAsync("", scene.Patience).CountAsync(scene.Patience) == 2, "all can be read");
        Assert.Equal(("1", "2"), (await scene.TextAsync(copy, "first"), await scene.TextAsync(copy, "second")));
        await copy.PutAsync("third", Bytes("3"), new() { Replicas = 1 }, scene.Patience);
        Assert.Equal("3", await scene.TextAsync(notes, "third"));
        Assert.Equal(phone.Store.Keys.Current(), tablet.Store.Keys.Current());
    }

    [Fact]
    public void What_is_dated_after_a_key_that_the_removed_one_lacks_needs_anothers_word()
    {
        using var ada = IdentityKey.Generate(new SeededRandomSource(1));
        using var bob = IdentityKey.Generate(new SeededRandomSource(2));
        using var eve = IdentityKey.Generate(new SeededRandomSource(3));
        var (keys, others) = (new CollectionKeys(ada), new CollectionKeys(bob));
        Take(keys.Missing([ada.Id, bob.Id], [ada.Id, bob.Id, eve.Id], static _ => true), ada.Id, keys, others);
        Assert.Equal(0u, keys.Current());
        keys.HandleMembers(node => node == eve.Id);
        Assert.Null(keys.Current());
        Assert.True(keys.Proves(0, ulong.MaxValue)); // nobody has made another yet

        Take(keys.Make([ada.Id, bob.Id, eve.Id], 1000, out var id), ada.Id, keys, others);

        others.HandleMembers(node => node == eve.Id);
        Assert.Equal((id, id), (keys.Current(), others.Current()));
        Assert.Equal(keys.Find(id), others.Find(id));
        Assert.True(others.Proves(0, 999) && others.Proves(id, 2000));
        Assert.False(others.Proves(0, 1001));
        Assert.False(others.Proves(7, 1));
        Assert.Empty(others.Missing([ada.Id, bob.Id], [ada.Id, bob.Id], static _ => true));
        var theirs = new CollectionKeys(eve);
        Take(keys.Missing([ada.Id, bob.Id, eve.Id], [], static _ => true), ada.Id, theirs);
        Assert.Null(theirs.Find(id));
    }

    [Fact]
    public void Keys_that_a_removed_device_made_are_used_no_more_and_passed_on_as_its_own()
    {
        using var ada = IdentityKey.Generate(new SeededRandomSource(1));
        using var eve = IdentityKey.Generate(new SeededRandomSource(3));
        var (keys, theirs) = (new CollectionKeys(ada), new CollectionKeys(eve));
        // She seals it to Ada alone, and says that Ada has made it.
        var made = theirs.Make([ada.Id], 1000, out var id).Where(one => one.Name.EndsWith($"{ada.Id}", StringComparison.Ordinal)).ToList();
        ada.Id.CopyTo(made[0].Value.AsSpan(8));
        Take(made, eve.Id, keys);
        Assert.Equal(id, keys.Current());

        keys.HandleMembers(node => node == eve.Id);
        Assert.Equal(0u, keys.Current());
        var again = keys.Missing([ada.Id], [], static _ => false);
        Take(again, ada.Id, keys);
        Assert.Equal(0u, keys.Current());
        Assert.NotNull(keys.Find(id)); // what is sealed under it stays readable
    }

    [Fact]
    public void An_entry_of_a_removed_device_that_a_keeper_brings_is_refused_once_there_is_a_key_that_it_lacks()
    {
        using var ada = IdentityKey.Generate(new SeededRandomSource(1));
        using var eve = IdentityKey.Generate(new SeededRandomSource(3));
        using var keeper = IdentityKey.Generate(new SeededRandomSource(4));
        var network = new Cluster.NetworkId(ada.Id);
        var name = CollectionName.OfUser(new(ada.Id), new("org.example.chat"), "notes");
        var keys = new CollectionKeys(ada);
        Take(keys.Missing([ada.Id], [ada.Id, eve.Id], static _ => false), ada.Id, keys);
        keys.HandleMembers(node => node == eve.Id);
        var (seal, hers) = (new CollectionSeal(name, network, ada, new(), keys), new CollectionSeal(name, network, ada, new()));
        var refused = Refusal.None;
        var exchange = new DataExchange(ada.Id, new(), new EntrySigner(network, ada), new NoLog(), new Only(ada.Id)) { Refused = (_, _, _, why) => refused = why };
        var table = exchange.Open(name, seal.See)!;
        var link = exchange.HandleLinkUp(keeper.Id);

        Assert.Equal(Refusal.None, Bring("a", 2000)); // nobody has made another key: it may have been written in time
        Take(keys.Make([ada.Id], 3000, out _), ada.Id, keys);
        Assert.Equal(Refusal.None, Bring("b", 2999));
        Assert.Equal(Refusal.NotPermitted, Bring("c", 3001));
        Assert.Equal(["a", "b"], table.Entries.Select(static record => record.Name).Order());

        Refusal Bring(string text, ulong time)
        {
            var key = hers.KeyOf(text);
            var entry = SignedEntry.Make(key, hers.Seal(text, key, "x"u8), false, new(time, eve.Id), name.Id, new EntrySigner(network, eve));
            refused = Refusal.None;
            exchange.Handle(link, new DataFrame.Entries(name.Id, 0, [entry], 0), TimeSpan.Zero, 0);
            return refused;
        }
    }

    [Fact]
    public void Entries_that_are_noise_are_no_keys()
    {
        using var ada = IdentityKey.Generate(new SeededRandomSource(1));
        var keys = new CollectionKeys(ada);
        var random = new Random(5);
        var made = new CollectionKeys(ada).Make([ada.Id], 5, out var id);
        for (var i = 0; i < 2000; i++)
        {
            var (name, value) = (made[0].Name.ToCharArray(), made[0].Value.ToArray());
            if (random.Next(2) == 0) { name[random.Next(name.Length)] = (char)random.Next(32, 127); }
            else { value[40 + random.Next(value.Length - 40)] ^= (byte)(1 << random.Next(8)); }
            var text = new string(name)[..random.Next(name.Length + 1)];
            if (text == made[0].Name && value.AsSpan().SequenceEqual(made[0].Value)) { continue; }
            keys.Handle(text, value.AsSpan(0, random.Next(value.Length + 1)), ada.Id);
        }

        Assert.Null(keys.Find(id));
        keys.Handle(made[0].Name, made[0].Value, ada.Id);
        Assert.NotNull(keys.Find(id));
    }

    [Fact]
    public async Task The_collection_of_the_keys_is_not_for_apps()
    {
        await using var scene = new DataScene();
        await scene.StartAsync();

        Assert.Throws<ArgumentException>(() => scene.Hub.Store.Open(CollectionKeys.Collection));
    }

    private static void Take(List<(string Name, byte[] Value)> entries, NodeId writer, params CollectionKeys[] all)
    {
        foreach (var keys in all)
        {
            foreach (var (name, value) in entries) { keys.Handle(name, value, writer); }
        }
    }

    // Each knows which devices the user has, before one is removed.
    private static Task UntilKnownAsync(DataScene scene, params Node[] nodes) => scene.UntilAsync(
        () => Task.FromResult(nodes.All(node => nodes.All(other => node.Store.Keys.Missing([], [other.Id], static _ => false).Count == 0))), "all devices are known");

    private static List<SignedEntry> Kept(Node keeper, DataCollection collection) => keeper.Store.EntriesOf(collection.Table.Name);

    private static List<SignedEntry> Kept(Node keeper, Node node, string name) =>
        keeper.Store.EntriesOf(CollectionName.OfUser(node.User, node.Loop.View.Members.First(member => member.Id == node.Id).App, name));

    /// <summary>One node writes, and all read.</summary>
    private sealed class Only(NodeId writer) : IDataMembers
    {
        public bool MayWrite(NodeId node, CollectionName collection) => node == writer;

        public bool MayRead(NodeId node, CollectionName collection) => true;

        public bool Keeps(CollectionName collection) => false;
    }

    /// <summary>Entries stay in memory.</summary>
    private sealed class NoLog : IEntryLog
    {
        public void Append(DataTable table)
        {
        }

        public (long Number, int Length) Append(DataTable table, SignedEntry entry) => (0, 0);

        public void AppendDropped(DataTable table, Digest key)
        {
        }

        public byte[]? Read(EntryRecord record) => null;

        public void Release(long number, int length)
        {
        }
    }
}
