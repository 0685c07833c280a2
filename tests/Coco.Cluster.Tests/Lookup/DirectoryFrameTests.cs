using Coco.Cluster.Certificates;
using Coco.Cluster.Graph;
using Coco.Cluster.Lookup;
using Coco.Cluster.Tests.Mesh;
using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.Records;

namespace Coco.Cluster.Tests.Lookup;

public sealed class DirectoryFrameTests
{
    private static readonly int Inputs = Statements.Samples.All ? 400_000 : 20_000;

    [Fact]
    public void What_is_written_is_read_again()
    {
        var entry = Entry(1);
        var addresses = entry.Addresses!.Encoded;

        Assert.True(DirectoryFrames.TryReadPublication(DirectoryFrames.Publication(DirectoryPlaces.Name, addresses.Span), out var places, out var told));
        Assert.Equal((DirectoryPlaces.Name, true), (places, told.SequenceEqual(addresses.Span)));
        Assert.True(DirectoryFrames.TryReadQuestion(DirectoryFrames.Question(70_000, new(5)), out var number, out var key));
        Assert.Equal((70_000ul, new NodeTag(5)), (number, key));
        Assert.True(DirectoryFrames.TryReadAnswer(DirectoryFrames.Answer(7, [entry, entry with { Addresses = null }]), out number, out var entries));
        Assert.Equal((7ul, 2), (number, entries.Count));
        Assert.True(entries[0].Certificate.Span.SequenceEqual(entry.Certificate.Encoded.Span) && entries[0].Addresses.Span.SequenceEqual(addresses.Span));
        Assert.True(entries[1].Addresses.IsEmpty);
    }

    [Fact]
    public void What_a_later_version_adds_is_ignored()
    {
        Assert.True(DirectoryFrames.TryReadPublication([0xFF, .. DirectoryFrames.Publication(DirectoryPlaces.Name, default)[1..], 1, 2], out var places, out _));
        Assert.Equal(DirectoryPlaces.Identity | DirectoryPlaces.Name, places);
        Assert.True(DirectoryFrames.TryReadQuestion([.. DirectoryFrames.Question(3, new(4)), 9], out _, out _));
        Assert.True(DirectoryFrames.TryReadAnswer([.. DirectoryFrames.Answer(3, []), 9], out _, out var entries));
        Assert.Empty(entries);
    }

    [Fact]
    public void An_answer_of_the_largest_entries_fits_a_frame()
    {
        var many = Enumerable.Range(0, 100).Select(_ => Entry(2)).ToArray();

        var body = DirectoryFrames.Answer(ulong.MaxValue >> 2, many);

        Assert.InRange(body.Length, 1000, Cluster.Mesh.MeshNode.MaxFrame);
        Assert.True(DirectoryFrames.TryReadAnswer(body, out _, out var entries));
        Assert.Equal(DirectoryFrames.MaxEntries, entries.Count);
    }

    [Fact]
    public void Whatever_comes_nothing_throws_and_nothing_larger_than_allowed_is_read()
    {
        var random = new Random(31);
        var entry = Entry(3);
        byte[][] seeds =
        [
            DirectoryFrames.Publication(DirectoryPlaces.Identity, entry.Addresses!.Encoded.Span), DirectoryFrames.Question(1 << 20, new(77)),
            DirectoryFrames.Answer(1 << 20, [entry, entry]), DirectoryFrames.Answer(1, []),
        ];
        var (read, refused) = (0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var body = Mutation.Of(seeds[i % seeds.Length], random);
            if (DirectoryFrames.TryReadPublication(body, out _, out var addresses)) { Assert.InRange(addresses.Length, 0, AddressRecord.MaxLength); }
            DirectoryFrames.TryReadQuestion(body, out _, out _);
            var isAnswer = DirectoryFrames.TryReadAnswer(body, out _, out var entries);
            Assert.InRange(entries.Count, 0, DirectoryFrames.MaxEntries);
            Assert.All(entries, one => Assert.True(one.Certificate.Length <= NodeCertificate.MaxLength && one.Addresses.Length <= AddressRecord.MaxLength));
            if (isAnswer) { read++; } else { refused++; }
        }
        Assert.InRange(read, Inputs / 20, Inputs);
        Assert.InRange(refused, Inputs / 20, Inputs);
    }

    private static DirectoryEntry Entry(ulong seed)
    {
        var dice = new MeshDice(seed);
        using var node = IdentityKey.Generate(dice.Source);
        using var user = IdentityKey.Generate(dice.Source);
        var network = new NetworkId(user.Id);
        var certificate = NodeCertificate.Sign(user, default, new()
        {
            Network = network, Node = node.Id, Name = "somebody", User = new(user.Id), App = new("chat"), SubCluster = new("chat"),
            Consent = NodeCertificate.Consent(user, network, node.Id),
        });
        return new(certificate, AddressRecord.Sign(node, 1, 2, [], [NetworkAddress.FromIpv4(0xC0000201, 4000)]));
    }
}
