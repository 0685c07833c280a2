using Coco.Cluster.Graph;
using Coco.Cluster.Mesh;
using Coco.Quic.Packets;

namespace Coco.Cluster.Tests.Mesh;

public sealed class MeshAttackTests
{
    [Fact]
    public void A_node_that_both_ends_advertise_is_reached_over_the_peer()
    {
        var pair = new MeshPair();
        var (peer, far) = (pair.NewPeer(), pair.NewKey());
        pair.Give(peer, pair.Advertise(peer, 1, far.Id, pair.Key.Id).Encoded);
        Assert.False(pair.Reaches(far.Id));

        pair.Give(peer, pair.Advertise(far, 1, peer.Id).Encoded);

        Assert.True(pair.Node.TryRoute(far.Id, pair.Now, out var route));
        Assert.Equal(new MeshRoute(peer.Id, 2, far.Id), route);
    }

    [Fact]
    public void A_link_that_the_other_end_denies_is_none()
    {
        var pair = new MeshPair();
        var (peer, victim) = (pair.NewPeer(), pair.NewKey());
        pair.Give(peer, pair.Advertise(peer, 1, victim.Id, pair.Key.Id).Encoded);
        pair.Give(peer, pair.Advertise(victim, 1).Encoded);

        Assert.True(pair.Knows(victim.Id));
        Assert.False(pair.Reaches(victim.Id));
    }

    [Fact]
    public void A_forged_advertisement_is_refused_and_its_sender_let_go_in_the_end()
    {
        var pair = new MeshPair(new() { MaxStrikes = 3 });
        var (peer, victim) = (pair.NewPeer(), pair.NewKey());
        var forged = pair.Advertise(victim, 1, peer.Id).Encoded.ToArray();
        forged[^1] ^= 1;

        for (var i = 0; i < 3; i++) { pair.Give(peer, forged); }

        Assert.False(pair.Knows(victim.Id));
        Assert.Equal(4, pair.Refused(MeshRefusal.BadSignature));
        Assert.True(pair.IsLetGo(peer));

        pair.Connect(peer);
        Assert.Empty(pair.Node.Peers);
    }

    [Fact]
    public void A_replayed_advertisement_does_not_take_back_the_newer()
    {
        var pair = new MeshPair();
        var (peer, far) = (pair.NewPeer(), pair.NewKey());
        pair.Give(peer, pair.Advertise(peer, 1, far.Id, pair.Key.Id).Encoded);
        var old = pair.Advertise(far, 1);
        pair.Give(peer, old.Encoded);
        pair.Give(peer, pair.Advertise(far, 2, peer.Id).Encoded);

        pair.Give(peer, old.Encoded);

        Assert.True(pair.Reaches(far.Id));
        Assert.Equal(1, pair.Refused(MeshRefusal.Stale));
    }

    [Fact]
    public void An_advertisement_of_a_stranger_is_refused()
    {
        var pair = new MeshPair();
        var (peer, stranger) = (pair.NewPeer(), pair.NewKey(member: false));

        pair.Give(peer, pair.Advertise(stranger, 1, peer.Id).Encoded);

        Assert.False(pair.Knows(stranger.Id));
        Assert.Equal(1, pair.Refused(MeshRefusal.NotMember));
    }

    [Fact]
    public void An_advertisement_of_another_sub_cluster_is_refused()
    {
        var pair = new MeshPair();
        var (peer, other) = (pair.NewPeer(), pair.NewKey());
        pair.Homes.Add(other.Id, new("other"));

        pair.Give(peer, pair.Advertise(other, 1, peer.Id).Encoded);
        pair.Give(peer, pair.Advertise(other, 2, peer.Id).Encoded, ScopeId.Of(new("other")));

        Assert.False(pair.Knows(other.Id));
        Assert.Equal(2, pair.Refused(MeshRefusal.OutOfScope));
    }

    [Fact]
    public void One_who_speaks_too_often_is_heard_at_a_bounded_rate()
    {
        var pair = new MeshPair();
        var peer = pair.NewPeer();
        for (var i = 1; i <= 200; i++) { pair.Give(peer, pair.Advertise(peer, (ulong)i, pair.Key.Id).Encoded); }

        Assert.InRange(pair.Refused(MeshRefusal.TooOften), 180, 190);
        pair.Now += TimeSpan.FromSeconds(10);
        pair.Give(peer, pair.Advertise(peer, 201, pair.Key.Id).Encoded);
        Assert.Equal(201UL, pair.Node.Graph[pair.Node.Graph.SlotOf(peer.Id)].Entries!.Advertisement.Sequence);
    }

    [Fact]
    public void A_flood_of_items_beyond_a_peers_share_is_refused()
    {
        var pair = new MeshPair(new() { ItemsPerSecond = 10, MaxStrikes = 2 });
        var peer = pair.NewPeer();
        var advertisement = pair.Advertise(pair.NewKey(), 1).Encoded.ToArray();

        for (var i = 0; i < 150; i++) { pair.Give(peer, advertisement); }

        Assert.Equal(3, pair.Refused(MeshRefusal.TooMuch));
        Assert.True(pair.IsLetGo(peer));
    }

    [Fact]
    public void An_oversize_advertisement_and_an_oversize_frame_are_refused()
    {
        var pair = new MeshPair(new() { MaxStrikes = 2 });
        var peer = pair.NewPeer();
        pair.Give(peer, new byte[Advertisement.MaxLength + 1]);
        Assert.Equal(1, pair.Refused(MeshRefusal.Malformed));

        var frame = new byte[16];
        var writer = new SpanWriter(frame);
        writer.WriteVarInt((ulong)MeshFrameType.Advertisements);
        writer.WriteVarInt(MeshNode.MaxFrame + 1);
        Assert.Equal(-1, MeshNode.FrameLength(writer.Written));
        pair.Node.HandleMessage(peer.Id, writer.Written, pair.Now);

        Assert.True(pair.IsLetGo(peer));
    }

    [Fact]
    public void A_sequence_number_nobody_could_follow_is_refused()
    {
        var pair = new MeshPair();
        var peer = pair.NewPeer();

        Assert.Throws<ArgumentOutOfRangeException>(() => pair.Advertise(peer, Advertisement.MaxSequence + 1));
        var bytes = pair.Advertise(peer, Advertisement.MaxSequence).Encoded.ToArray();
        // The sequence is an eight-byte integer behind version, node and scope; its top byte also says its length.
        bytes[1 + 32 + 4] = 0xC1;
        pair.Give(peer, bytes);

        Assert.Equal(1, pair.Refused(MeshRefusal.Malformed));
    }

    [Fact]
    public void Our_own_old_advertisement_makes_the_next_one_newer()
    {
        var pair = new MeshPair();
        var peer = pair.NewPeer();
        pair.Give(peer, pair.Advertise(pair.Key, 900, peer.Id).Encoded);

        for (var i = 0; i < 5; i++) { pair.Node.HandleTimeout(pair.Now += TimeSpan.FromSeconds(1)); }

        var slot = pair.Node.Graph[0].Entries!.Advertisement;
        Assert.Equal(901UL, slot.Sequence);
    }

    [Fact]
    public void Nodes_that_nobody_can_reach_make_room_and_no_more_are_kept_than_allowed()
    {
        var pair = new MeshPair(new() { Graph = new() { MaxNodes = 20 } });
        var peer = pair.NewPeer();
        for (var i = 0; i < 100; i++) { pair.Give(peer, pair.Advertise(pair.NewKey(), 1).Encoded); }

        Assert.Equal(20, pair.Node.Graph.NodeCount);
        Assert.Contains(peer.Id, pair.Node.Peers);
    }

    [Fact]
    public void A_removed_member_loses_its_link_and_its_place_at_once()
    {
        var pair = new MeshPair();
        var peer = pair.NewPeer();
        pair.Give(peer, pair.Advertise(peer, 1, pair.Key.Id).Encoded);
        pair.All.Remove(peer.Id);

        pair.Node.HandleMembersChanged(pair.Now);

        Assert.True(pair.IsLetGo(peer));
        Assert.False(pair.Knows(peer.Id));
    }

    [Fact]
    public void Who_is_gone_is_forgotten_after_its_lifetime()
    {
        var pair = new MeshPair();
        var (peer, far) = (pair.NewPeer(), pair.NewKey());
        pair.Give(peer, pair.Advertise(far, 1, peer.Id).Encoded);
        Assert.True(pair.Knows(far.Id));

        for (var end = pair.Now + TimeSpan.FromHours(4); pair.Node.Deadline is { } next && next < end;)
        {
            pair.Node.HandleTimeout(pair.Now = next > pair.Now ? next : pair.Now + TimeSpan.FromMilliseconds(1));
        }

        Assert.False(pair.Knows(far.Id));
    }

    [Fact]
    public void Random_frames_never_throw()
    {
        var count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 500_000 : 20_000;
        var dice = new MeshDice(6);
        var pair = new MeshPair(new() { MaxStrikes = 1000 });
        var peer = pair.NewPeer();
        var genuine = pair.Advertise(peer, 1, pair.Key.Id).Encoded.ToArray();
        for (var i = 0; i < count; i++)
        {
            var body = new byte[dice.Next(300)];
            dice.Source.Fill(body);
            // Half get past the scope, so that what comes behind is reached too.
            if (dice.Chance(0.5) && body.Length > 16) { "\u0003app"u8.CopyTo(body); body[4] = (byte)dice.Next(5); }
            if (dice.Chance(0.1) && body.Length > genuine.Length + 8) { body[4] = 0; body[5] = 0x40; body[6] = (byte)genuine.Length; genuine.CopyTo(body, 7); }
            pair.Say(peer, (MeshFrameType)dice.Next(14), body);
            if (!pair.Node.Peers.Contains(peer.Id)) { peer = pair.NewPeer(); }
            if (i % 64 == 0) { pair.Node.HandleTimeout(pair.Now += TimeSpan.FromMilliseconds(dice.Next(500))); }
            while (pair.Node.TryTakeMessage(out _, out _) || pair.Node.TryTakeCommand(out _) || pair.Node.TryTakeEvent(out _)) { }
        }
        Assert.InRange(pair.Node.Graph.NodeCount, 1, 20_000);
    }
}
