using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Mesh;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Tests.Members;

public sealed class MemberStrangerTests
{
    [Fact]
    public void A_stranger_hears_what_shows_that_we_belong_and_is_let_go_after_five_seconds()
    {
        var world = Small(21, out var owner, out _);
        var stranger = world.Add();
        var heard = new List<(MeshFrameType Type, byte[] Body)>();
        owner.Running.HandleConnected(stranger.Id, TimeSpan.FromMilliseconds(40), world.Now);
        owner.Running.HandleFrames(stranger.Id, Frame(MeshFrameType.StatementHeads, [1, 0, 0, 0]), world.Now);
        owner.Running.HandleFrames(stranger.Id, Frame(MeshFrameType.CertificatesWanted, new byte[32]), world.Now);
        var dismissed = Take(owner.Running, stranger.Id, heard);
        Assert.Null(dismissed);
        owner.Running.HandleTimeout(world.Now + TimeSpan.FromSeconds(5));

        Assert.Equal(MemberDisconnect.NotMember, Take(owner.Running, stranger.Id, heard));
        Assert.Equal([MeshFrameType.Certificates, MeshFrameType.Statements], heard.Select(frame => frame.Type));
        Assert.Equal(2, heard[1].Body[0]);
        // One statement: the beginning. The key by which members find each other on a LAN is in another.
        var reader = new SpanReader(heard[1].Body.AsSpan(1));
        Assert.True(reader.TryReadVarIntBytes(out var only) && reader.IsEmpty);
        Assert.IsType<StatementBody.CreateNetwork>(Statement.Read(only, owner.Running.Network, out _)!.Body);
    }

    [Fact]
    public void Somebody_elses_certificate_makes_nobody_a_member()
    {
        var world = Small(22, out var owner, out var one);
        var stranger = world.Add();
        owner.Running.HandleConnected(stranger.Id, TimeSpan.FromMilliseconds(40), world.Now);
        var certificate = one.Running.Certificate.Encoded.ToArray();
        owner.Running.HandleFrames(stranger.Id, Frame(MeshFrameType.Certificates, WithLength(certificate)), world.Now);
        owner.Running.HandleTimeout(world.Now + TimeSpan.FromSeconds(5));

        Assert.Equal(MemberDisconnect.NotMember, Take(owner.Running, stranger.Id, []));
    }

    [Fact]
    public void A_member_of_another_network_is_a_stranger()
    {
        var world = Small(23, out var owner, out _);
        var foreign = world.Create();
        world.RunFor(0.1);
        world.Connect(foreign, owner);
        world.RunFor(6);

        Assert.Empty(foreign.Links);
        Assert.DoesNotContain(foreign.Id, owner.Verified);
        Assert.Contains((foreign.Id, MemberDisconnect.NotMember), owner.Dismissed);
    }

    [Fact]
    public void Somebody_admitted_by_an_admin_we_have_not_heard_of_proves_it_and_is_let_in()
    {
        var world = Small(24, out var owner, out var one);
        var two = world.Admit(owner, "two");
        Assert.True(world.RunUntil(world.AllReachable, 10));
        world.Crash(two);
        world.RunFor(5);
        world.Act(owner, member => member.Rename(one.Id, "other", world.Now));
        world.Act(owner, member => member.GrantRole(one.Keys.UserId, Role.Admin, world.Now));
        world.RunFor(1);
        var late = world.Admit(one, "late");
        world.RunFor(2);
        foreach (var node in new[] { owner, one }) { world.Crash(node); }
        world.Restart(two);
        world.Connect(late, two);

        Assert.True(world.RunUntil(() => two.Verified.Contains(late.Id) && late.Verified.Contains(two.Id), 10));
        Assert.True(world.HaveOneState());
    }

    [Fact]
    public void Whatever_a_peer_sends_nothing_throws_and_no_table_grows()
    {
        var world = Small(25, out var owner, out var one);
        var recorded = Record(world, owner, one);
        var random = new Random(25);
        var count = Statements.Samples.All ? 400_000 : 20_000;
        var stranger = world.Add();
        for (var i = 0; i < count; i++)
        {
            var peer = i % 2 == 0 ? one.Id : stranger.Id;
            if (i % 50 < 2) { owner.Running.HandleConnected(peer, TimeSpan.FromMilliseconds(1), world.Now + TimeSpan.FromHours(i)); }
            var frames = Mutation.Of(recorded[random.Next(recorded.Count)], random);
            owner.Running.HandleFrames(peer, frames, world.Now + TimeSpan.FromHours(i));
            while (owner.Running.TryTakeOutput(out _)) { }
        }

        Assert.Equal(owner.Keys.UserId, owner.Running.State.Owner);
        Assert.Equal(2, owner.Running.Members.Count);
        Assert.DoesNotContain(stranger.Id, owner.Running.Members.Select(member => member.Id));
    }

    // What two members say to each other while they meet and something changes.
    private static List<byte[]> Record(MemberSimulation world, SimulatedNode owner, SimulatedNode one)
    {
        var recorded = new List<byte[]>();
        world.Sent = recorded.Add;
        world.Crash(one);
        world.RunFor(4);
        world.Act(owner, member => member.Rename(one.Id, "other", world.Now));
        world.Restart(one);
        world.RunFor(4);
        world.Act(owner, member => member.GrantRole(one.Keys.UserId, Role.Admin, world.Now));
        world.RunFor(1);
        world.Sent = null;
        Assert.True(recorded.Count > 10);
        return recorded;
    }

    private static MemberSimulation Small(ulong seed, out SimulatedNode owner, out SimulatedNode one)
    {
        var world = new MemberSimulation(seed);
        owner = world.Create();
        world.RunFor(0.1);
        one = world.Admit(owner, "one");
        Assert.True(world.RunUntil(world.AllReachable, 10));
        return world;
    }

    private static MemberDisconnect? Take(NetworkMember member, NodeId peer, List<(MeshFrameType, byte[])> heard)
    {
        MemberDisconnect? reason = null;
        while (member.TryTakeOutput(out var output))
        {
            if (output is MemberOutput.Disconnect disconnect && disconnect.Peer == peer) { reason = disconnect.Reason; }
            if (output is not MemberOutput.Send send || send.Peer != peer) { continue; }
            var reader = new SpanReader(send.Frames.Span);
            while (reader.TryReadVarInt(out var type) && reader.TryReadVarIntBytes(out var body)) { heard.Add(((MeshFrameType)type, body.ToArray())); }
        }
        return reason;
    }

    private static byte[] Frame(MeshFrameType type, ReadOnlySpan<byte> body)
    {
        var frame = new byte[16 + body.Length];
        var writer = new SpanWriter(frame);
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        return frame[..writer.Position];
    }

    private static byte[] WithLength(byte[] bytes)
    {
        var all = new byte[8 + bytes.Length];
        var writer = new SpanWriter(all);
        writer.WriteVarInt((ulong)bytes.Length);
        writer.WriteBytes(bytes);
        return all[..writer.Position];
    }
}
