using Coco.Cluster.Graph;
using Coco.Cluster.Mesh;
using Coco.Cluster.Tests.Mesh;
using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Scenarios.Tests.Simulated;

namespace Coco.Cluster.Tests.Attacks;

/// <summary>What a member says of the graph that it should not: the reason is logged, and what is kept of it is bounded.</summary>
public sealed class AdvertisementAttackTests
{
    private const int AdvertisementRefused = 1320;
    private const int LetGo = 1321;
    private const int FrameRefused = 1323;

    [Theory]
    [InlineData("forged", AdvertisementRefused, nameof(MeshRefusal.BadSignature))]
    [InlineData("older", AdvertisementRefused, nameof(MeshRefusal.Stale))]
    [InlineData("of a stranger", AdvertisementRefused, nameof(MeshRefusal.NotMember))]
    [InlineData("of another sub-cluster", AdvertisementRefused, nameof(MeshRefusal.OutOfScope))]
    [InlineData("too often", AdvertisementRefused, nameof(MeshRefusal.TooOften))]
    [InlineData("long gone", AdvertisementRefused, nameof(MeshRefusal.Expired))]
    [InlineData("oversize", FrameRefused, nameof(MeshRefusal.Malformed))]
    [InlineData("cut", FrameRefused, nameof(MeshRefusal.Malformed))]
    [InlineData("too much", FrameRefused, nameof(MeshRefusal.TooMuch))]
    public void An_advertisement_that_is_not_taken_is_refused_by_name(string kind, int log, string reason)
    {
        var pair = new MeshPair(new() { ItemsPerSecond = kind == "too much" ? 10 : 2000 });
        var (peer, far, stranger) = (pair.NewPeer(), pair.NewKey(), pair.NewKey(member: false));
        if (kind == "of another sub-cluster") { pair.Homes.Add(far.Id, new("other")); }
        var bytes = pair.Advertise(kind == "of a stranger" ? stranger : far, 5, peer.Id).Encoded.ToArray();
        switch (kind)
        {
            case "forged": bytes[^1] ^= 1; pair.Give(peer, bytes); break;
            case "older": pair.Give(peer, bytes); pair.Give(peer, pair.Advertise(far, 4, peer.Id).Encoded); break;
            case "too often":
                for (ulong i = 6; i < 40; i++) { pair.Give(peer, pair.Advertise(far, i, peer.Id).Encoded); }
                break;
            case "too much":
                for (var i = 0; i < 150; i++) { pair.Give(peer, bytes); }
                break;
            case "long gone": GiveAged(pair, peer, bytes); break;
            case "oversize": pair.Give(peer, new byte[Advertisement.MaxLength + 1]); break;
            case "cut": pair.Give(peer, bytes.AsSpan(0, 20)); break;
            default: pair.Give(peer, bytes); break;
        }

        pair.Log.AssertSays(log, $"Peer {peer.Id}:");
        pair.Log.AssertSays(log, reason);
    }

    [Fact]
    public void Whoever_is_let_go_is_named_with_the_reason()
    {
        var pair = new MeshPair();
        var (peer, victim) = (pair.NewPeer(), pair.NewKey());
        var forged = pair.Advertise(victim, 1, peer.Id).Encoded.ToArray();
        forged[^1] ^= 1;
        for (var i = 0; i < 8; i++) { pair.Give(peer, forged); }

        Assert.True(pair.IsLetGo(peer));
        pair.Log.AssertSays(LetGo, $"Peer {peer.Id} let go: {MeshRefusal.BadSignature}");
    }

    [Fact]
    public void Advertisements_of_nodes_nobody_can_vouch_for_wait_in_bounded_room()
    {
        var pair = new MeshPair(new() { MaxWaiting = 50, MaxStrikes = 1000, ItemsPerSecond = 1_000_000 }, certificates: new NoCertificates());
        var peer = pair.NewPeer();
        AssertFlat(pair, 200, _ => pair.Give(peer, pair.Advertise(pair.NewKey(member: false), 1, peer.Id).Encoded));

        pair.Log.AssertSays(AdvertisementRefused, nameof(MeshRefusal.NotMember));
        Assert.Contains(peer.Id, pair.Node.Peers);
    }

    [Fact]
    public void News_of_what_does_not_exist_is_asked_for_in_bounds()
    {
        var pair = new MeshPair(new() { MaxWanted = 100, ItemsPerSecond = 1_000_000 });
        var peer = pair.NewPeer();
        var dice = new MeshDice(431);
        AssertFlat(pair, 300, _ =>
        {
            var body = new byte[64];
            var writer = new SpanWriter(body);
            MeshPair.Scope.Write(ref writer);
            writer.WriteByte((byte)DigestKind.News);
            dice.Source.Fill(writer.Reserve(NodeTag.Size));
            writer.WriteVarInt(7);
            writer.WriteUInt32(1);
            pair.Say(peer, MeshFrameType.GraphDigest, writer.Written);
        });

        Assert.True(pair.Refused(MeshRefusal.NoRoom) >= 1000);
    }

    [Fact] // each is a question with a longer answer
    public void A_flood_of_sums_and_greetings_is_answered_within_the_peers_share()
    {
        var pair = new MeshPair(new() { ItemsPerSecond = 10 });
        var peer = pair.NewPeer();
        for (var i = 0; i < 200 && pair.Node.Peers.Contains(peer.Id); i++) { pair.Connect(peer); }

        pair.Log.AssertSays(LetGo, nameof(MeshRefusal.TooMuch));
        Assert.True(pair.IsLetGo(peer));
    }

    private static void GiveAged(MeshPair pair, IdentityKey peer, byte[] advertisement)
    {
        var body = new byte[advertisement.Length + 100];
        var writer = new SpanWriter(body);
        MeshPair.Scope.Write(ref writer);
        writer.WriteVarInt(3600);
        writer.WriteVarInt((ulong)advertisement.Length);
        writer.WriteBytes(advertisement);
        pair.Say(peer, MeshFrameType.Advertisements, writer.Written);
    }

    private static void AssertFlat(MeshPair pair, int count, Action<int> attack)
    {
        for (var i = 0; i < count; i++) { Once(i); }
        var before = ObjectCensus.Of(typeof(LogRecorder), pair.Node);
        for (var i = count; i < 4 * count; i++) { Once(i); }
        var after = ObjectCensus.Of(typeof(LogRecorder), pair.Node);
        Assert.True(after.GrowthSince(before, count / 8) is "", after.GrowthSince(before, count / 8));
        Assert.True(after.ArrayGrowthSince(before, count, 64 << 10) is "", after.ArrayGrowthSince(before, count, 64 << 10));

        void Once(int i)
        {
            attack(i);
            while (pair.Node.TryTakeMessage(out _, out _) || pair.Node.TryTakeCommand(out _) || pair.Node.TryTakeEvent(out _)) { }
        }
    }
}
