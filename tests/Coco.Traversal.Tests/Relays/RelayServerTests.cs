using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

public sealed class RelayServerTests
{
    [Fact]
    public void A_client_that_registers_learns_its_address_its_limits_and_where_else_the_relay_is()
    {
        var rig = new RelayRig(new() { Url = "wss://relay.example/coco" });
        var client = rig.Add(1);

        var registered = Assert.IsType<RelayMessage.Registered>(Assert.Single(rig.Take(client)));
        Assert.Equal(RelaySamples.Udp(1).Remote, registered.Observed);
        Assert.Equal(new RelayLimits(1024, 12_500_000, 20_000, 1_000_000_000_000), registered.Limits);
        Assert.Equal((TimeSpan.FromSeconds(25), "wss://relay.example/coco"), (registered.KeepAlive, registered.Url));
    }

    [Fact]
    public void Who_is_not_registered_cannot_be_called_but_can_call()
    {
        var rig = new RelayRig();
        var (a, b) = (rig.Add(1, registers: false), rig.Add(2));

        Assert.Equal(RelayRefusal.NotRegistered, ReasonOf(rig.TryOpen(b, RelayRig.PlainId(1))));
        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(a, RelayRig.PlainId(2)));
    }

    [Fact]
    public void Nobody_calls_itself_and_networks_stay_apart_unless_joined()
    {
        var rig = new RelayRig();
        var (a, _) = (rig.Add(1, "one"), rig.Add(2, "two"));
        Assert.Equal(RelayRefusal.Policy, ReasonOf(rig.TryOpen(a, RelayRig.PlainId(1))));
        Assert.Equal(RelayRefusal.Policy, ReasonOf(rig.TryOpen(a, RelayRig.PlainId(2))));

        rig = new(new() { JoinsNetworks = true });
        (a, _) = (rig.Add(1, "one"), rig.Add(2, "two"));
        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(a, RelayRig.PlainId(2)));
    }

    [Fact]
    public void Two_clients_have_one_session_whoever_asks_and_however_often()
    {
        var rig = new RelayRig();
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, atB) = rig.Open(a, b);

        Assert.Equal(atA, Assert.IsType<RelayMessage.Opened>(rig.TryOpen(a, RelayRig.PlainId(2))).Session);
        Assert.Equal(atB, Assert.IsType<RelayMessage.Opened>(rig.TryOpen(b, RelayRig.PlainId(1))).Session);
        Assert.Equal(1, rig.Server.Statistics.Sessions);
    }

    [Fact]
    public void A_session_ends_when_one_closes_it_and_the_other_is_told()
    {
        var rig = new RelayRig();
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, atB) = rig.Open(a, b);
        rig.Say(a, new RelayMessage.Close(atA));

        Assert.Equal(new RelayMessage.Closed(atB, RelayCloseReason.Closed), Assert.Single(rig.Take(b)));
        Assert.Empty(rig.Take(a));
        Assert.Empty(rig.Forward(RelaySamples.Udp(2), RelayRig.Datagrams(100, atB), 100));
    }

    [Fact]
    public void When_a_control_connection_ends_its_sessions_end_and_peers_are_told()
    {
        var rig = new RelayRig();
        var (a, b, c) = (rig.Add(1), rig.Add(2), rig.Add(3));
        var (_, atB) = rig.Open(a, b);
        var (atC, _) = rig.Open(c, a);
        var (bToC, _) = rig.Open(b, c);
        rig.Server.RemoveClient(a, rig.Now);
        rig.Server.RemoveClient(a, rig.Now); // twice is harmless

        Assert.Equal(new RelayMessage.Closed(atB, RelayCloseReason.PeerGone), Assert.Single(rig.Take(b)));
        Assert.Equal(new RelayMessage.Closed(atC, RelayCloseReason.PeerGone), Assert.Single(rig.Take(c)));
        Assert.Single(rig.Forward(RelaySamples.Udp(2), RelayRig.Datagrams(100, bToC), 100));
        Assert.Equal(RelayRefusal.NotRegistered, ReasonOf(rig.TryOpen(b, RelayRig.PlainId(1))));
        Assert.Equal((2, 1), (rig.Server.Statistics.Clients, rig.Server.Statistics.Sessions));
    }

    [Fact]
    public void The_newest_registration_of_an_identity_wins_and_the_sessions_of_the_older_hold()
    {
        var rig = new RelayRig();
        var (older, b) = (rig.Add(1), rig.Add(2));
        var (atOlder, _) = rig.Open(older, b);
        var newer = rig.Add(1);

        Assert.IsType<RelayMessage.Superseded>(Assert.Single(rig.Take(older)));
        Assert.Single(rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, atOlder), 100));
        rig.Take(newer);
        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(b, RelayRig.PlainId(1)));
        Assert.IsType<RelayMessage.Incoming>(Assert.Single(rig.Take(newer)));

        // The end of the older one does not take the registration of the newer one along.
        rig.Server.RemoveClient(older, rig.Now);
        Assert.IsType<RelayMessage.Opened>(rig.TryOpen(b, RelayRig.PlainId(1)));
    }

    [Fact]
    public void Records_are_kept_for_whoever_asks_and_outlive_the_connection()
    {
        var rig = new RelayRig();
        var owner = rig.Server.AddClient(RelaySamples.Id(1), RelaySamples.Udp(1), rig.Now);
        var asker = rig.Add(2);
        rig.Take(asker);
        rig.Say(asker, new RelayMessage.Resolve(7, RelaySamples.Id(1)));
        Assert.Equal(new RelayMessage.Found(7, null), Assert.Single(rig.Take(asker)));

        rig.Say(owner, RelayRig.Registration(RelaySamples.Record(1, 5)));
        rig.Say(owner, new RelayMessage.Publish(RelaySamples.Record(1, 6)));
        Assert.IsType<RelayMessage.Registered>(Assert.Single(rig.Take(owner)));
        rig.Server.RemoveClient(owner, rig.Now);

        rig.Say(asker, new RelayMessage.Resolve(8, RelaySamples.Id(1)));
        Assert.Equal(6ul, Assert.IsType<RelayMessage.Found>(Assert.Single(rig.Take(asker))).Record!.Sequence);
    }

    [Fact]
    public void A_node_that_lost_its_counter_is_shown_the_newest_record_it_published()
    {
        var rig = new RelayRig();
        var owner = rig.Server.AddClient(RelaySamples.Id(1), RelaySamples.Udp(1), rig.Now);
        rig.Say(owner, RelayRig.Registration(RelaySamples.Record(1, 500)));
        rig.Say(owner, new RelayMessage.Publish(RelaySamples.Record(1, 500))); // the same again is no news
        Assert.Single(rig.Take(owner));

        rig.Say(owner, new RelayMessage.Publish(RelaySamples.Record(1, 3)));
        var found = Assert.IsType<RelayMessage.Found>(Assert.Single(rig.Take(owner)));
        Assert.Equal((0ul, 500ul), (found.Request, found.Record!.Sequence));
    }

    [Fact]
    public void Nobody_publishes_for_another()
    {
        var rig = new RelayRig();
        var client = rig.Add(2);
        rig.Say(client, new RelayMessage.Publish(RelaySamples.Record(1, 5)));

        Assert.Equal((client, RelayDisconnect.ProtocolError), Assert.Single(rig.Disconnects));
        Assert.Equal(0, rig.Server.Statistics.Records);
    }

    [Fact]
    public void A_malformed_message_ends_the_client_and_an_unknown_one_is_skipped()
    {
        var rig = new RelayRig();
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (_, atB) = rig.Open(a, b);
        rig.Server.HandleMessage(a, 0x4242, [1, 2, 3], rig.Now);
        rig.Server.HandleMessage(a, (ulong)RelayMessageType.Superseded, [], rig.Now); // not for a client to say
        rig.Pump();
        Assert.Empty(rig.Disconnects);

        rig.Server.HandleMessage(a, (ulong)RelayMessageType.Open, [1, 2, 3], rig.Now);
        rig.Pump();
        Assert.Equal((a, RelayDisconnect.ProtocolError), Assert.Single(rig.Disconnects));
        Assert.Equal(new RelayMessage.Closed(atB, RelayCloseReason.PeerGone), Assert.Single(rig.Take(b)));
    }

    [Fact]
    public void A_draining_relay_says_so_takes_nothing_new_forwards_on_and_ends_at_its_deadline()
    {
        var other = new RelayInfo(RelaySamples.Id(9), [RelaySamples.Address("198.51.100.9:443")]);
        var rig = new RelayRig(new() { Others = [other] });
        var (a, b) = (rig.Add(1), rig.Add(2));
        var (atA, _) = rig.Open(a, b);
        rig.Server.BeginDrain(TimeSpan.FromSeconds(30), [], rig.Now);

        var draining = Assert.IsType<RelayMessage.Draining>(Assert.Single(rig.Take(a)));
        Assert.Equal((TimeSpan.FromSeconds(30), other.Id), (draining.Remaining, Assert.Single(draining.Others).Id));
        Assert.Equal(RelayRefusal.Draining, ReasonOf(rig.TryOpen(a, RelayRig.PlainId(2))));
        var late = rig.Add(3);
        Assert.IsType<RelayMessage.Draining>(rig.Take(late)[0]);
        rig.Say(late, RelayRig.Registration());
        Assert.Equal((0ul, RelayRefusal.Draining), (((RelayMessage.Refused)rig.Take(late)[0]).Request, RelayRefusal.Draining));
        rig.Server.HandleTimeout(TimeSpan.FromSeconds(29));
        Assert.Single(rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, atA), 100));

        Assert.Equal(TimeSpan.FromSeconds(30), rig.Server.Deadline);
        rig.Server.HandleTimeout(TimeSpan.FromSeconds(30));
        rig.Pump();
        Assert.Equal([a, b, late], rig.Disconnects.Select(one => one.Client).Order());
        Assert.Empty(rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, atA), 100));
        Assert.True(rig.Add(4) < 0);
        foreach (var client in new[] { a, b, late }) { rig.Server.RemoveClient(client, rig.Now); }
        Assert.True(rig.Server.IsDrained);
        Assert.Null(rig.Server.Deadline);
    }

    [Fact]
    public void Statistics_tell_whom_it_serves()
    {
        var rig = new RelayRig();
        var (a, b) = (rig.Add(1), rig.Add(2));
        rig.Say(b, new RelayMessage.Register(RelayPreference.Secondary, null));
        var (atA, _) = rig.Open(a, b);
        rig.Forward(RelaySamples.Udp(1), RelayRig.Datagrams(100, atA, atA), 100);

        var statistics = rig.Server.Statistics;
        Assert.Equal((2, 1, 1, 1), (statistics.Clients, statistics.Homes, statistics.Secondaries, statistics.Sessions));
        Assert.Equal((2L, 200L, 0L), (statistics.Packets, statistics.Bytes, statistics.QueuedBytes));
    }

    private static RelayRefusal ReasonOf(RelayMessage message) => Assert.IsType<RelayMessage.Refused>(message).Reason;
}
