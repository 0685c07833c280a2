using Coco.Crypto;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

public sealed class RelayClientTests
{
    private static readonly NodeId Self = RelaySamples.Id(1), Peer = RelaySamples.Id(2), Other = RelaySamples.Id(3);

    private readonly RelayClient _client = new(Self, new());

    [Fact]
    public void It_registers_and_learns_what_the_relay_says()
    {
        _client.Register(RelayPreference.Home, null, TimeSpan.Zero);
        Assert.Equal(RelayClientState.Connecting, _client.State);
        Assert.Equal(new RelayMessage.Register(RelayPreference.Home, null), Said());

        Hear(Registered);
        Assert.Equal(RelayClientState.Registered, _client.State);
        Assert.Equal(Registered.Observed, Assert.IsType<RelayClientEvent.Registered>(Assert.Single(Events())).Observed);
        Assert.Null(_client.Deadline);
    }

    [Fact]
    public void A_relay_that_does_not_answer_is_reported_after_5_seconds()
    {
        _client.Register(RelayPreference.Home, null, TimeSpan.Zero);
        var open = _client.Open(Peer, TimeSpan.FromSeconds(1));
        var resolve = _client.Resolve(Peer, TimeSpan.FromSeconds(2));
        foreach (var second in new[] { 5, 6, 7 })
        {
            Assert.Equal(TimeSpan.FromSeconds(second), _client.Deadline);
            _client.HandleTimeout(TimeSpan.FromSeconds(second));
        }

        Assert.Equal(
            [
                new RelayClientEvent.RegistrationRefused(RelayRefusal.NoAnswer), new RelayClientEvent.OpenRefused(open, Peer, RelayRefusal.NoAnswer),
                new RelayClientEvent.Resolved(resolve, Peer, null),
            ],
            Events());
        Assert.Null(_client.Deadline);
        Assert.Equal(RelayClientState.Unregistered, _client.State);
    }

    [Fact]
    public void Answers_find_their_requests_in_any_order()
    {
        var requests = Enumerable.Range(0, 10).Select(_ => _client.Open(Peer, TimeSpan.Zero)).ToArray();
        foreach (var request in requests.Reverse()) { Hear(new RelayMessage.Refused(request, RelayRefusal.Busy)); }
        Assert.Equal(requests.Reverse(), Events().Select(e => ((RelayClientEvent.OpenRefused)e).Request));
        Assert.Null(_client.Deadline);
    }

    [Fact]
    public void Sessions_are_known_by_number_and_peer()
    {
        var request = _client.Open(Peer, TimeSpan.Zero);
        Hear(new RelayMessage.Opened(request, 11));
        Hear(new RelayMessage.Incoming(12, Other));
        Assert.Equal([new RelayClientEvent.Opened(request, 11, Peer), new RelayClientEvent.Incoming(12, Other)], Events());
        Assert.Equal((Peer, Other), (_client.Sessions[11], _client.Sessions[12]));

        Hear(new RelayMessage.Closed(12, RelayCloseReason.PeerGone));
        Assert.Equal([new RelayClientEvent.SessionClosed(12, Other, RelayCloseReason.PeerGone)], Events());
        Assert.True(_client.TryAccept(11, TimeSpan.Zero));
        Assert.False(_client.TryAccept(12, TimeSpan.Zero)); // still under way when it ended
    }

    [Fact]
    public void When_both_open_at_once_they_use_the_one_session()
    {
        var request = _client.Open(Peer, TimeSpan.Zero);
        Hear(new RelayMessage.Incoming(11, Peer));
        Hear(new RelayMessage.Opened(request, 11));
        Assert.Equal([new RelayClientEvent.Incoming(11, Peer), new RelayClientEvent.Opened(request, 11, Peer)], Events());
    }

    [Fact]
    public void What_we_close_is_not_reported_and_its_datagrams_are_not_taken()
    {
        Hear(new RelayMessage.Incoming(12, Other));
        Events();
        _client.Close(12);
        _client.Close(12);

        Assert.Equal(new RelayMessage.Close(12), Said());
        Assert.Empty(Events());
        Assert.False(_client.TryAccept(12, TimeSpan.Zero));
    }

    [Fact]
    public void Datagrams_may_overtake_the_word_of_their_session_within_a_cap()
    {
        for (var session = 1ul; session <= 64; session++) { Assert.True(_client.TryAccept(session, TimeSpan.Zero)); }
        Assert.False(_client.TryAccept(65, TimeSpan.Zero));
        Assert.True(_client.TryAccept(64, TimeSpan.Zero));
        Assert.False(_client.TryAccept(0, TimeSpan.Zero));

        Hear(new RelayMessage.Incoming(1, Peer)); // its place is free again
        Assert.True(_client.TryAccept(65, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(10), _client.Deadline);
        _client.HandleTimeout(TimeSpan.FromSeconds(10));
        Assert.True(_client.TryAccept(66, TimeSpan.FromSeconds(10)));
        Assert.True(_client.TryAccept(1, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Sessions_beyond_the_cap_are_closed()
    {
        var client = new RelayClient(Self, new() { MaxSessions = 2 });
        for (var session = 1ul; session <= 3; session++) { Hear(client, new RelayMessage.Incoming(session, Peer)); }
        Assert.True(client.TryTakeMessage(out var type, out var body));
        Assert.True(RelayMessageCodec.TryRead(type, body.Span, out var message));
        Assert.Equal((new RelayMessage.Close(3), 2), (message, client.Sessions.Count));
    }

    [Fact]
    public void An_answer_that_comes_too_late_opens_nothing()
    {
        var request = _client.Open(Peer, TimeSpan.Zero);
        _client.HandleTimeout(TimeSpan.FromSeconds(5));
        Events();
        Said();
        Hear(new RelayMessage.Opened(request, 11));

        Assert.Equal(new RelayMessage.Close(11), Said());
        Assert.Empty(_client.Sessions);
        Assert.Empty(Events());
    }

    [Fact]
    public void A_relay_that_swaps_peers_is_given_up()
    {
        Hear(new RelayMessage.Incoming(11, Peer));
        var request = _client.Open(Other, TimeSpan.Zero);
        Events();
        Hear(new RelayMessage.Opened(request, 11));

        Assert.IsType<RelayClientEvent.Failed>(Events()[0]);
        Assert.Equal(RelayClientState.Closed, _client.State);
    }

    [Theory, InlineData(RelayRefusal.Busy, true), InlineData(RelayRefusal.Quota, true), InlineData(RelayRefusal.Policy, false)]
    public void A_relay_that_cannot_look_a_record_up_now_may_be_asked_again(object reason, bool mayAskAgain)
    {
        var request = _client.Resolve(Peer, TimeSpan.Zero);
        Hear(new RelayMessage.Refused(request, (RelayRefusal)reason));
        Assert.Equal([new RelayClientEvent.Resolved(request, Peer, null) { MayAskAgain = mayAskAgain }], Events());
    }

    [Fact]
    public void A_record_is_only_that_of_the_node_asked_for()
    {
        var request = _client.Resolve(Peer, TimeSpan.Zero);
        Hear(new RelayMessage.Found(request, RelaySamples.Record(3, 9)));
        Assert.Equal([new RelayClientEvent.Resolved(request, Peer, null)], Events());

        request = _client.Resolve(Peer, TimeSpan.Zero);
        Hear(new RelayMessage.Found(request, RelaySamples.Record(2, 9)));
        Assert.Equal(9ul, ((RelayClientEvent.Resolved)Assert.Single(Events())).Record!.Sequence);
    }

    [Fact]
    public void It_learns_that_its_own_record_is_outdated()
    {
        Hear(new RelayMessage.Found(0, RelaySamples.Record(2, 9))); // not ours
        Assert.Empty(Events());
        Hear(new RelayMessage.Found(0, RelaySamples.Record(1, 9)));
        Assert.Equal(9ul, ((RelayClientEvent.RecordOutdated)Assert.Single(Events())).Newest.Sequence);
    }

    [Fact]
    public void Draining_and_being_superseded_leave_sessions_alone()
    {
        Hear(new RelayMessage.Incoming(11, Peer));
        Hear(new RelayMessage.Superseded());
        Assert.Equal(RelayClientState.Superseded, _client.State);
        Events();
        Hear(new RelayMessage.Draining(TimeSpan.FromSeconds(30), []), TimeSpan.FromSeconds(100));

        Assert.Equal(TimeSpan.FromSeconds(130), ((RelayClientEvent.Draining)Assert.Single(Events())).Deadline);
        Assert.Equal(RelayClientState.Draining, _client.State);
        Assert.True(_client.TryAccept(11, TimeSpan.Zero));
    }

    [Fact]
    public void When_the_connection_ends_all_that_hung_on_it_ends_once()
    {
        _client.Register(RelayPreference.Home, null, TimeSpan.Zero);
        var request = _client.Open(Other, TimeSpan.Zero);
        Hear(new RelayMessage.Incoming(11, Peer));
        Events();
        _client.HandleDisconnected();
        _client.HandleDisconnected();

        Assert.Equal(
            [
                new RelayClientEvent.RegistrationRefused(RelayRefusal.NoAnswer), new RelayClientEvent.OpenRefused(request, Other, RelayRefusal.NoAnswer),
                new RelayClientEvent.SessionClosed(11, Peer, RelayCloseReason.RelayGone),
            ],
            Events());
        Assert.Equal(0ul, _client.Open(Peer, TimeSpan.Zero));
        Assert.False(_client.TryTakeMessage(out _, out _));
        Assert.Null(_client.Deadline);
        Assert.False(_client.TryAccept(11, TimeSpan.Zero));
    }

    [Fact]
    public void Only_so_many_requests_wait()
    {
        for (var i = 0; i < 256; i++) { Assert.NotEqual(0ul, _client.Open(Peer, TimeSpan.Zero)); }
        Assert.Equal(0ul, _client.Open(Peer, TimeSpan.Zero));
        Assert.Equal(0ul, _client.Resolve(Peer, TimeSpan.Zero));
    }

    [Fact]
    public void A_relay_that_says_too_much_is_given_up()
    {
        for (var i = 0; i < 10_000; i++) { Hear(new RelayMessage.Superseded()); }
        var events = Events();
        Assert.InRange(events.Count, 1, 4097);
        Assert.IsType<RelayClientEvent.Failed>(events[^1]);
    }

    [Fact]
    public void No_relay_makes_it_throw_or_grow()
    {
        var random = new Random(31);
        RelayClient? client = null;
        var reached = 0;
        for (var i = 0; i < RelaySamples.FuzzInputs; i++)
        {
            if (client is null || client.State is RelayClientState.Closed || i % 500 == 0) { client = new(Self, new() { MaxSessions = 20, MaxQueued = 64 }); }
            var now = TimeSpan.FromMilliseconds(i * 20);
            switch (random.Next(6))
            {
                case 0: client.Open(random.Next(2) == 0 ? Peer : Other, now); break;
                case 1: client.TryAccept((ulong)random.Next(40), now); break;
                case 2 when client.Deadline <= now: client.HandleTimeout(now); break;
                case 3 when random.Next(50) == 0: client.HandleMessage((ulong)random.Next(0x20), new byte[random.Next(50)], now); break;
                case 4 when random.Next(10) == 0: client.Register(RelayPreference.Home, null, now); break;
                default: Hear(client, Some(random), now); break;
            }
            while (client.TryTakeEvent(out var e)) { reached += e is RelayClientEvent.Opened or RelayClientEvent.SessionClosed ? 1 : 0; }
            while (client.TryTakeMessage(out _, out _)) { }
            Assert.InRange(client.Sessions.Count, 0, 20);
            if (client.Deadline is { } deadline) { Assert.InRange(deadline, TimeSpan.Zero, now + TimeSpan.FromSeconds(10)); }
        }
        Assert.True(reached > 100, "it did not get far");
    }

    private static RelayMessage Some(Random random) => random.Next(8) switch
    {
        0 => Registered,
        1 or 2 => new RelayMessage.Opened((ulong)random.Next(60), (ulong)random.Next(1, 40)),
        3 => new RelayMessage.Refused((ulong)random.Next(60), (RelayRefusal)random.Next(10)),
        4 => new RelayMessage.Incoming((ulong)random.Next(1, 40), random.Next(9) == 0 ? Other : Peer),
        5 => new RelayMessage.Closed((ulong)random.Next(1, 40), (RelayCloseReason)random.Next(6)),
        6 => new RelayMessage.Found((ulong)random.Next(60), null),
        _ => random.Next(2) == 0 ? new RelayMessage.Draining(TimeSpan.Zero, []) : new RelayMessage.Superseded(),
    };

    private static RelayMessage.Registered Registered { get; } =
        new(RelaySamples.Address("192.0.2.1:4000"), new(1024, 1, 2, 3), TimeSpan.FromSeconds(25), null);

    private void Hear(RelayMessage message, TimeSpan now = default) => Hear(_client, message, now);

    private static void Hear(RelayClient client, RelayMessage message, TimeSpan now = default) =>
        client.HandleMessage((ulong)message.Type, RelayMessageCodec.Write(message), now);

    /// <summary>What it said last; the rest is forgotten.</summary>
    private RelayMessage? Said()
    {
        RelayMessage? last = null;
        while (_client.TryTakeMessage(out var type, out var body)) { Assert.True(RelayMessageCodec.TryRead(type, body.Span, out last)); }
        return last;
    }

    private List<RelayClientEvent> Events()
    {
        var events = new List<RelayClientEvent>();
        while (_client.TryTakeEvent(out var e)) { events.Add(e); }
        return events;
    }
}
