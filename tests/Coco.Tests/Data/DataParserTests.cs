using Coco.Crypto;
using Coco.Data.Core;
using Coco.Quic.Packets;

namespace Coco.Tests.Data;

/// <summary>Whatever a peer sends is read, or refused, without an exception and without more memory than is allowed.</summary>
public sealed class DataParserTests
{
    private static readonly int Inputs = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 400_000 : 20_000;

    [Fact]
    public void Frames_that_are_noise_are_read_or_refused()
    {
        var random = new Random(41);
        var simulation = new DataSimulation(8, count: 2);
        for (var i = 0; i < 20; i++) { simulation.Write(i % 2, $"key{i}", $"value{i}"); }
        simulation.Settle(TimeSpan.FromSeconds(5));
        var victim = simulation.Nodes[0];
        var seen = new HashSet<Type>();
        var refused = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var (type, body) = Noise(random, victim);
            if (victim.Exchange.Read(type, body) is not { } frame)
            {
                refused++;
                continue;
            }
            seen.Add(frame.GetType());
            var link = victim.Exchange.Links.Single();
            victim.Exchange.Handle(link, frame, simulation.Now, simulation.Wall);
            while (link.TryTake(out _)) { }
            if (i % 100 == 0) { victim.Commit(); }
        }
        Assert.NotEqual(0, refused);
        Assert.Equal(11, seen.Count); // each kind, and unknown ones
        Assert.InRange(victim.Table.Count, 20, 100);
    }

    [Fact]
    public void Entries_come_out_as_they_went_in_and_no_other_bytes_pass_for_them()
    {
        using var key = IdentityKey.Generate(new SeededRandomSource(1));
        var network = new Cluster.NetworkId(key.Id);
        var signer = new EntrySigner(network, key);
        var name = CollectionName.Shared("notes");
        var entry = SignedEntry.Make("a key"u8, "a value"u8, false, new(5, key.Id), name.Id, signer);
        Assert.True(signer.Verify(key.Id, name.Id, entry.Body, entry.Signature));
        Assert.False(signer.Verify(key.Id, CollectionName.Shared("other").Id, entry.Body, entry.Signature));
        Assert.False(new EntrySigner(new(IdentityKey.Generate(new SeededRandomSource(2)).Id), key).Verify(key.Id, name.Id, entry.Body, entry.Signature));
        var parsed = SignedEntry.Parse(entry.Bytes, 10, 10)!;
        Assert.Equal(("a key", "a value", entry.Version), (System.Text.Encoding.UTF8.GetString(parsed.Key), System.Text.Encoding.UTF8.GetString(parsed.Value.Span), parsed.Version));
        Assert.Null(SignedEntry.Parse(entry.Bytes, 4, 10));
        Assert.Null(SignedEntry.Parse(entry.Bytes, 10, 6));
        for (var at = 0; at < entry.Bytes.Length; at++)
        {
            var bytes = entry.Bytes.ToArray();
            bytes[at] ^= 1;
            Assert.False(SignedEntry.Parse(bytes, 100, 100) is { } other && signer.Verify(other.Version.Writer, name.Id, other.Body, other.Signature));
        }
    }

    [Fact]
    public void A_users_collection_opens_for_the_user_only_and_shows_no_names()
    {
        using var ada = IdentityKey.Generate(new SeededRandomSource(1));
        using var eve = IdentityKey.Generate(new SeededRandomSource(2));
        var network = new Cluster.NetworkId(ada.Id);
        var name = CollectionName.OfUser(new(ada.Id), new("org.example.chat"), "notes");
        var (seal, other) = (new CollectionSeal(name, network, ada, new()), new CollectionSeal(name, network, eve, new()));
        var key = seal.KeyOf("a telling name");
        var entry = SignedEntry.Make(key, seal.Seal("a telling name", key, "a secret"u8), false, new(5, ada.Id), name.Id, new EntrySigner(network, ada));

        Assert.True(seal.TryOpen(entry, out var opened, out var value));
        Assert.Equal(("a telling name", "a secret"), (opened, System.Text.Encoding.UTF8.GetString(value)));
        Assert.False(other.TryOpen(entry, out _, out _));
        Assert.Equal(seal.KeyOf("x"), new CollectionSeal(name, network, ada, new()).KeyOf("x"));
        Assert.True(entry.Bytes.AsSpan().IndexOf("telling"u8) < 0 && entry.Bytes.AsSpan().IndexOf("secret"u8) < 0);
    }

    [Fact]
    public void Names_of_collections_come_out_as_they_went_in()
    {
        using var ada = IdentityKey.Generate(new SeededRandomSource(1));
        CollectionName[] names = [CollectionName.Shared("notes"), CollectionName.OfUser(new(ada.Id), default, "a"), CollectionName.OfUser(new(ada.Id), new("org.example.chat"), "notes")];
        foreach (var name in names)
        {
            var bytes = new byte[CollectionName.MaxSize];
            var writer = new SpanWriter(bytes);
            name.Write(ref writer);
            var reader = new SpanReader(writer.Written);
            Assert.Equal(name, CollectionName.Read(ref reader));
            for (var length = 0; length < writer.Position; length++)
            {
                var cut = new SpanReader(bytes.AsSpan(0, length));
                Assert.Null(CollectionName.Read(ref cut));
            }
        }
        Assert.Equal(3, names.Select(static name => name.Id).Distinct().Count());
    }

    // A frame of each kind, or noise, mostly with bits flipped or cut.
    private static (DataFrameType Type, byte[] Body) Noise(Random random, SimulatedNode node)
    {
        var table = node.Table;
        var (id, records) = (table.Name.Id, table.Entries.Take(5).ToArray());
        var noise = new byte[random.Next(200)];
        random.NextBytes(noise);
        var frame = random.Next(12) switch
        {
            0 => DataFrames.Have(random.Next(2) == 0, [table.Name, CollectionName.Shared("b")]),
            1 => DataFrames.Digests(DataFrameType.Root, id, (ulong)random.Next(3), random.Next(2) == 0 ? table.Root : 5),
            2 => DataFrames.Digests(DataFrameType.InStep, id, (ulong)random.NextInt64(), table.Root),
            3 => DataFrames.Branch(table, random.Next(2), random.Next(16)),
            4 => DataFrames.Ask(id, random.Next(1, 5), [random.Next(70), random.Next(5000)]),
            5 => DataFrames.Leaf(id, random.Next(4096), 0, default, new(ulong.MaxValue, 0, 0, 0), []),
            6 => DataFrames.Offer(id, [.. records.Select(EntryItem.Of)]),
            7 => DataFrames.Want(id, [.. records.Select(static record => record.KeyHash)]),
            8 => DataFrames.Entries(id, (ulong)random.Next(3), [SignedEntry.Make(noise.AsSpan(0, Math.Min(noise.Length, 1)), noise, random.Next(2) == 0, new((ulong)random.Next() << 16, DataSimulation.IdOf(1)), id, node).Bytes]),
            9 => DataFrames.Ack((ulong)random.Next(3), random.Next(3), Refusal.Full),
            10 => DataFrames.Entries(id, 1, [noise]),
            _ => DataFrames.Of((DataFrameType)random.Next(20), noise),
        };
        var reader = new SpanReader(frame);
        Assert.True(reader.TryReadVarInt(out var type));
        Assert.True(reader.TryReadVarIntBytes(out var read));
        var body = random.Next(4) == 0 ? read[..random.Next(read.Length + 1)].ToArray() : read.ToArray();
        for (var flips = random.Next(3); flips > 0 && body.Length > 0; flips--) { body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8)); }
        return ((DataFrameType)type, body);
    }
}
