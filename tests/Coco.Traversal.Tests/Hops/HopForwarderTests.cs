using Coco.Quic.Congestion;
using Coco.Traversal.Hops;
using Coco.Traversal.Links;

namespace Coco.Traversal.Tests.Hops;

public sealed class HopForwarderTests
{
    [Fact]
    public void A_session_is_opened_hop_by_hop_and_each_link_has_its_own_numbers()
    {
        var rig = new HopRig();
        rig.Add(4);
        rig.Chain(0, 1, 2, 3);

        var (here, there) = rig.Opened(0, 1, 3);

        Assert.Equal([(0, 1), (1, 2), (2, 3), (3, 2), (2, 1), (1, 0)], rig.Messages.Select(static each => (each.From, each.To)));
        Assert.Equal([15, 14, 13], rig.Messages.Select(static each => each.Message).OfType<HopMessage.Open>().Select(static open => (int)open.HopsLeft));
        Assert.Equal(3, rig.Messages.Select(static each => each.Message).OfType<HopMessage.Open>().Select(static open => open.Session).Distinct().Count());
        Assert.Equal((HopRig.Id(1), HopRig.Id(2)), (rig[0].NextHopOf(here), rig[3].NextHopOf(there)));
        Assert.Equal([1, 1, 1, 1], Enumerable.Range(0, 4).Select(node => rig[node].Statistics.Sessions));
    }

    [Fact]
    public void A_batch_of_datagrams_gets_the_next_number_and_goes_on_where_it_lies()
    {
        var rig = new HopRig();
        rig.Add(3);
        rig.Chain(0, 1, 2);
        var (here, there) = rig.Opened(0, 1, 2);
        byte[] batch = [.. rig.Datagram(0, here, 100), .. rig.Datagram(0, here, 100), .. rig.Datagram(0, here, 40)];

        Assert.Equal(240, rig[1].Forward(HopRig.Way(1, 0), batch, 0, 100, EcnCodepoint.Ect0, rig.Now));

        Assert.True(rig[1].TryTakeForward(out var transmit, out var offset));
        Assert.False(rig[1].TryTakeForward(out _, out _));
        Assert.Equal((new LinkTransmit(HopRig.Way(1, 2).Link, 240, 100, EcnCodepoint.Ect0, IsMesh: true), 0), (transmit, offset));
        Assert.Equal(there.Session, System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(batch.AsSpan(101)));
        Assert.True(rig[2].TryFindEnd(there.Session, HopRig.Way(2, 1), rig.Now, out var way));
        Assert.Equal(there, way);
        Assert.Equal((3, 240), (rig[1].Statistics.Packets, rig[1].Statistics.Bytes));
    }

    [Fact]
    public void Passing_on_allocates_nothing()
    {
        var rig = new HopRig();
        rig.Add(3);
        rig.Chain(0, 1, 2);
        var (here, _) = rig.Opened(0, 1, 2);
        var template = rig.Datagram(0, here, 1200);
        byte[] batch = new byte[40 * 1200];
        long Pass(int batches)
        {
            var passed = 0L;
            for (var i = 0; i < batches; i++)
            {
                for (var at = 0; at < batch.Length; at += 1200) { template.CopyTo(batch, at); }
                rig[1].Forward(HopRig.Way(1, 0), batch, 0, 1200, default, rig.Now);
                while (rig[1].TryTakeForward(out var transmit, out var offset)) { passed += transmit.Length; }
                rig.Now += TimeSpan.FromMilliseconds(1);
            }
            return passed;
        }
        Pass(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var bytes = Pass(1000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal((1000L * batch.Length, 0), (bytes, allocated));
    }

    [Fact]
    public void A_datagram_counts_only_from_where_the_neighbour_has_proved_to_be()
    {
        var rig = new HopRig();
        rig.Add(4);
        rig.Chain(0, 1, 2);
        rig.Join(1, 3);
        var (here, there) = rig.Opened(0, 1, 2);

        foreach (var from in (PathAddress[])[HopRig.Way(1, 2), HopRig.Way(1, 3), HopRig.Way(1, 9), HopRig.Way(1, 0) with { Session = 5 }])
        {
            Assert.Equal(100, rig[1].Forward(from, rig.Datagram(0, here, 100), 0, 100, default, rig.Now));
            Assert.False(rig[1].TryTakeForward(out _, out _));
        }
        Assert.Equal((0, 4), (rig[1].Statistics.Packets, rig[1].Statistics.Dropped));
        Assert.False(rig[2].TryFindEnd(there.Session, HopRig.Way(2, 3), rig.Now, out _));
    }

    [Fact]
    public void Everybody_is_told_at_once_when_a_link_in_the_middle_ends()
    {
        var rig = new HopRig();
        rig.Add(5);
        rig.Chain(0, 1, 2, 3, 4);
        var (here, there) = rig.Opened(0, 1, 4);

        rig[2].RemoveNeighbour(rig.Neighbour(2, 3));
        rig[3].RemoveNeighbour(rig.Neighbour(3, 2));
        rig.Pump();

        Assert.True(rig[0].TryTakeEvent(out var atOrigin));
        Assert.True(rig[4].TryTakeEvent(out var atTarget));
        Assert.Equal(new HopEvent.Closed(HopRig.Id(0), HopRig.Id(4), here, HopRig.Id(1), HopCloseReason.LinkGone), atOrigin);
        Assert.Equal(new HopEvent.Closed(HopRig.Id(4), HopRig.Id(0), there, HopRig.Id(3), HopCloseReason.LinkGone), atTarget);
        Assert.Equal(0, Enumerable.Range(0, 5).Sum(node => rig[node].Statistics.Sessions));
        Assert.Equal(0, rig[1].Forward(HopRig.Way(1, 0), [FirstByte.Relayed, 1, 2, 3, 4, 5, 6, 7, 8, 9], 0, 10, default, rig.Now));
    }

    [Fact]
    public void A_neighbour_that_is_trusted_no_more_is_told_too()
    {
        var rig = new HopRig();
        rig.Add(3);
        rig.Chain(0, 1, 2);
        var (_, there) = rig.Opened(0, 1, 2);

        rig[1].RemoveNeighbour(rig.Neighbour(1, 2));
        rig.Pump();

        Assert.Equal([0, 0, 0], Enumerable.Range(0, 3).Select(node => rig[node].Statistics.Sessions));
        Assert.True(rig[2].TryTakeEvent(out var atTarget));
        Assert.Equal(new HopEvent.Closed(HopRig.Id(2), HopRig.Id(0), there, HopRig.Id(1), HopCloseReason.LinkGone), atTarget);
    }

    [Fact]
    public void A_session_that_one_end_gives_back_is_forgotten_by_all()
    {
        var rig = new HopRig();
        rig.Add(3);
        rig.Chain(0, 1, 2);
        var (here, _) = rig.Opened(0, 1, 2);

        rig[0].Close(here);
        rig.Pump();

        Assert.Equal([0, 0, 0], Enumerable.Range(0, 3).Select(node => rig[node].Statistics.Sessions));
        Assert.False(rig[0].TryTakeEvent(out _));
        Assert.IsType<HopEvent.Closed>(rig[2].TryTakeEvent(out var closed) ? closed : null);
    }

    [Fact]
    public void A_session_given_up_before_its_answer_is_ended_by_the_answer()
    {
        var rig = new HopRig();
        rig.Add(3);
        rig.Chain(0, 1, 2);
        Assert.True(rig[0].TryOpen(rig.Neighbour(0, 1), HopRig.Id(2), default, rig.Now));

        rig[0].CloseAll(HopRig.Id(0), HopRig.Id(2));
        rig.Pump();

        Assert.Equal([0, 0, 0], Enumerable.Range(0, 3).Select(node => rig[node].Statistics.Sessions));
    }

    [Fact]
    public void An_answer_that_does_not_come_is_not_waited_for()
    {
        var rig = new HopRig { Drops = static (from, _) => from == 2 };
        rig.Add(3);
        rig.Chain(0, 1, 2);
        Assert.Equal((null, true), rig.Open(0, 1, 2) is var (one, other) ? (one, other is HopEvent.Opened) : default);

        rig.RunTo(TimeSpan.FromSeconds(7));

        Assert.True(rig[0].TryTakeEvent(out var refused));
        Assert.Equal(new HopEvent.Refused(HopRig.Id(0), HopRig.Id(2), HopRig.Id(1), HopRefusal.NoAnswer), refused);
        Assert.Equal((0, 0), (rig[0].Statistics.Sessions, rig[1].Statistics.Sessions));
    }

    [Fact]
    public void A_session_nobody_uses_ends()
    {
        var rig = new HopRig(new() { SessionIdle = TimeSpan.FromMinutes(5) });
        rig.Add(3);
        rig.Chain(0, 1, 2);
        var (here, _) = rig.Opened(0, 1, 2);
        rig.RunTo(TimeSpan.FromMinutes(4));
        rig[1].Forward(HopRig.Way(1, 0), rig.Datagram(0, here, 100), 0, 100, default, rig.Now);
        rig[1].HandleTimeout(TimeSpan.FromMinutes(8));
        Assert.Equal(1, rig[1].Statistics.Sessions);

        for (var minutes = 9; minutes < 12; minutes++) { rig.RunTo(TimeSpan.FromMinutes(minutes)); }

        Assert.Equal([0, 0, 0], Enumerable.Range(0, 3).Select(node => rig[node].Statistics.Sessions));
        Assert.Equal(TimeSpan.MaxValue, rig[1].Deadline);
    }

    private static TResult Last<TResult>(HopRig rig) => rig.Messages.Select(static each => each.Message).OfType<TResult>().Last();

    [Theory]
    [InlineData(1, 0, 2, 1, HopRefusal.Loop)] // comes back to the origin
    [InlineData(1, 1, 2, 0, HopRefusal.TooFar)] // no hop left
    [InlineData(2, 2, 2, 9, HopRefusal.Loop)] // from the target itself to the target itself
    internal void A_session_that_makes_no_sense_is_refused(int from, int origin, int target, byte hopsLeft, HopRefusal reason)
    {
        var rig = new HopRig();
        rig.Add(4);
        rig.Chain(0, 1, 2);
        if (from == 2) { rig.Join(0, 2); }
        var body = HopMessageCodec.Write(new HopMessage.Open(77, HopRig.Id(origin), HopRig.Id(target), HopRig.Id(target), hopsLeft), out var type);

        Assert.True(rig[0].HandleMessage(rig.Neighbour(0, from), type, body, rig.Now));

        Assert.Equal(new HopMessage.Refused(77, reason), Last<HopMessage.Refused>(rig));
        Assert.Equal(0, rig[0].Statistics.Sessions);
    }

    [Fact]
    public void A_way_has_sixteen_links_at_most()
    {
        var rig = new HopRig();
        rig.Add(18);
        rig.Chain([.. Enumerable.Range(0, 17)]);
        Assert.IsType<HopEvent.Opened>(rig.Open(0, 1, 16).AtOrigin);

        rig.Chain([.. Enumerable.Range(0, 18)]);
        Assert.Equal(HopRefusal.TooFar, Assert.IsType<HopEvent.Refused>(rig.Open(0, 1, 17).AtOrigin).Reason);
    }

    [Fact]
    public void A_session_that_comes_back_by_another_way_runs_in_a_circle_and_is_refused()
    {
        var rig = new HopRig();
        rig.Add(5);
        rig.Chain(0, 1, 2, 3);
        rig.Join(3, 1);
        (rig.Routes[(1, 4)], rig.Routes[(2, 4)], rig.Routes[(3, 4)]) = (2, 3, 1);

        Assert.Equal(HopRefusal.Loop, Assert.IsType<HopEvent.Refused>(rig.Open(0, 1, 4).AtOrigin).Reason);

        Assert.Equal(3 + 1, rig.Messages.Count(static each => each.Message is HopMessage.Open));
        Assert.Equal(0, Enumerable.Range(0, 5).Sum(node => rig[node].Statistics.Sessions));
    }

    [Fact]
    public void A_node_that_does_not_forward_says_so_and_can_still_be_reached()
    {
        var rig = new HopRig();
        rig.Add(4);
        rig.Chain(0, 1, 2, 3);
        rig.Refusing.Add(2);

        Assert.Equal(HopRefusal.Policy, Assert.IsType<HopEvent.Refused>(rig.Open(0, 1, 3).AtOrigin).Reason);
        Assert.IsType<HopEvent.Opened>(rig.Open(0, 1, 2).AtOrigin);
    }

    [Fact]
    public void A_neighbour_has_so_many_sessions_and_asks_so_often()
    {
        var rig = new HopRig(new() { MaxSessionsPerNeighbour = 10, OpensPerSecond = 4 });
        rig.Add(3);
        rig.Chain(0, 1, 2);
        rig.Drops = static (from, _) => from == 0; // it asked for none of them by itself, and would give them back
        HopForwarder forwarder = rig[1];
        HopRefusal? Ask(ulong session)
        {
            var before = rig.Messages.Count;
            var body = HopMessageCodec.Write(new HopMessage.Open(session, HopRig.Id(0), HopRig.Id(2), HopRig.Id(2), 9), out var type);
            Assert.True(forwarder.HandleMessage(rig.Neighbour(1, 0), type, body, rig.Now));
            rig.Pump();
            return rig.Messages.Skip(before).Select(static each => each.Message).OfType<HopMessage.Refused>().LastOrDefault()?.Reason;
        }

        Assert.All(Enumerable.Range(1, 10), i => Assert.Null(Ask((ulong)i)));
        Assert.Equal(HopRefusal.Busy, Ask(11));
        rig[2].CloseAll(HopRig.Id(2), HopRig.Id(0));
        rig.Pump();
        Assert.Equal(0, forwarder.Statistics.Sessions);
        var asked = Enumerable.Range(12, 20).Count(i => Ask((ulong)i) is null);
        Assert.InRange(asked, 1, 10);
        Assert.Equal(HopRefusal.Busy, Ask(99));
    }

    [Fact]
    public void All_neighbours_together_have_so_many_sessions()
    {
        var rig = new HopRig(new() { MaxSessions = 5 });
        rig.Add(3);
        rig.Chain(0, 1, 2);
        for (var i = 0; i < 5; i++) { Assert.IsType<HopEvent.Opened>(rig.Open(0, 1, 2).AtOrigin); }
        Assert.False(rig[0].TryOpen(rig.Neighbour(0, 1), HopRig.Id(2), default, rig.Now));
    }

    [Fact]
    public void Who_is_no_neighbour_hears_that_and_nothing_else()
    {
        var open = HopMessageCodec.Write(new HopMessage.Open(7, HopRig.Id(1), HopRig.Id(2), HopRig.Id(2), 9), out var type);
        Assert.Equal(HopMessageCodec.Write(new HopMessage.Refused(7, HopRefusal.NotNeighbour), out var refused), HopForwarder.AnswerToStranger(type, open, out var answer));
        Assert.Equal(refused, answer);
        Assert.Null(HopForwarder.AnswerToStranger(type, open.AsSpan(1), out _));
        Assert.Null(HopForwarder.AnswerToStranger(HopMessageCodec.Opened, new byte[16], out _));
    }
}
