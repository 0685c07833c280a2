using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Traversal.Links;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

public sealed class HostileRelayTests
{
    private const string Alice = "198.51.100.1:1000";
    private const string Bob = "198.51.100.2:2000";
    private const string Evil = "203.0.113.1:4433";
    private const string Good = "203.0.113.2:4433";

    private readonly FlatNetwork _network = new(seed: 5);
    private readonly IdentityKey _alice = Key(1);
    private readonly IdentityKey _bob = Key(2);
    private readonly IdentityKey _evil = Key(3);
    private readonly IdentityKey _good = Key(4);
    private readonly HostileRelay _relay;
    private readonly List<FlatHost> _clients = [];

    public HostileRelayTests()
    {
        _relay = new(_network, _evil, Evil, seed: 50);
        _network.Drops = static (from, to) => IsClient(from) && IsClient(to);
    }

    private RelayInfo EvilInfo => new(_evil.Id, [FlatNetwork.Parse(Evil)]);

    private RelayInfo GoodInfo => new(_good.Id, [FlatNetwork.Parse(Good)]);

    [Fact]
    public void A_relay_that_refuses_for_minutes_is_registered_with_when_it_takes_clients_again()
    {
        _relay.Registers = false;
        var client = AddClient(_bob, Bob, EvilInfo);
        _network.Run(TimeSpan.FromMinutes(10));
        Assert.Empty(client.Endpoint.Nodes[0].Homes.Registered);

        _relay.Registers = true;
        _network.RunUntil(() => client.Endpoint.Nodes[0].Homes.Registered.Count == 1, TimeSpan.FromMinutes(15));

        Assert.InRange(_relay.Registrations, 3, 100); // neither given up nor hammered at
    }

    [Fact]
    public void More_calls_than_a_relay_is_asked_for_at_once_all_get_an_answer()
    {
        var client = AddClient(_bob, Bob, EvilInfo);
        _network.Run(TimeSpan.FromSeconds(2));

        var calls = Enumerable.Range(0, 400).Select(i => client.Endpoint.Connect(new(IdentityKey.FromSeed([.. BitConverter.GetBytes(i + 77), .. new byte[28]]).Id) { Relays = [EvilInfo] }, _network.Now)).ToList();
        _network.RunUntil(() => calls.TrueForAll(call => call.State is RoamingState.Closed), TimeSpan.FromSeconds(30));

        Assert.Equal(0, client.Endpoint.ConnectionCount);
    }

    [Fact]
    public void Sessions_that_nobody_is_announced_for_are_forgotten_in_time()
    {
        var client = AddClient(_bob, Bob, EvilInfo);
        _network.RunUntil(() => client.Endpoint.Deadline > _network.Now + TimeSpan.FromSeconds(12), TimeSpan.FromMinutes(2));

        byte[] datagram = [FirstByte.Relayed, 1, 2, 3, 4, 5, 6, 7, 8, 0x40];
        _network.Send(FlatNetwork.Parse(Evil), new(new(LinkKind.Udp, 0, FlatNetwork.Parse(Bob)), datagram.Length, datagram.Length), datagram);
        _network.Run(TimeSpan.FromSeconds(1));
        Assert.InRange(client.Endpoint.Deadline!.Value - _network.Now, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(10));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_home_that_falls_silent_is_replaced_a_second_after_the_keep_alive_that_found_it_so_unless_all_are_silent(bool onlyOne)
    {
        _network.Add(new() { Identities = [_good], RelayServer = new() }, Good);
        using var third = Key(5);
        _network.Add(new() { Identities = [third], RelayServer = new() }, "203.0.113.3:4433");
        var client = AddClient(_bob, Bob, EvilInfo, GoodInfo, new(third.Id, [FlatNetwork.Parse("203.0.113.3:4433")]));
        var homes = client.Endpoint.Nodes[0].Homes;
        _network.RunUntil(() => homes.Registered.Count == 2, TimeSpan.FromSeconds(3));
        Assert.Contains(homes.Registered, relay => relay.Id == _evil.Id);
        _network.Run(TimeSpan.FromSeconds(30));

        var evil = FlatNetwork.Parse(Evil);
        _network.Drops = (from, to) => onlyOne ? from == evil || to == evil : true;
        _network.Run(TimeSpan.FromSeconds(25 + 3)); // the keep-alive, two probe timeouts, and the second
        Assert.Equal(!onlyOne, homes.Registered.Any(relay => relay.Id == _evil.Id));
        Assert.Equal(2, homes.Registered.Count);

        _network.Drops = static (_, _) => false; // an outage of ours: nothing has to be found anew
        _network.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(2, homes.Registered.Count);
    }

    [Fact]
    public void A_relay_that_loses_reorders_replays_and_alters_can_only_delay()
    {
        var random = new Random(7);
        var held = new List<byte[]>();
        _relay.Mangle = datagram =>
        {
            switch (random.Next(8))
            {
                case 0: return [];
                case 1: held.Add(datagram); return [];
                case 2: return [datagram, [.. datagram]];
                case 3 when _relay.Seen.Count > 10: return [datagram, [.. _relay.Seen[random.Next(_relay.Seen.Count)]]]; // whomever it was for
                case 4:
                    byte[] altered = [.. datagram];
                    altered[random.Next(9, altered.Length)] ^= 1;
                    return [altered, datagram];
                case 5 when held.Count > 3:
                    byte[][] late = [.. held];
                    held.Clear();
                    return [datagram, .. late];
                default: return [datagram];
            }
        };
        var (call, accepted) = Connect([EvilInfo]);

        Transfer(call, accepted, 60_000, TimeSpan.FromMinutes(2));

        Assert.Equal((_bob.Id, _alice.Id), (call.PeerId, accepted.PeerId));
        Assert.DoesNotContain(_relay.Seen, seen => seen.AsSpan().IndexOf(Pattern(64)) >= 0); // no plaintext
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_relay_that_lies_about_where_a_peer_is_costs_some_attempts(bool isForeign)
    {
        var mallory = AddClient(Key(9), "198.51.100.9:9000", EvilInfo);
        // The peer's own record of long ago, when another had its address now; or another's of today.
        var old = AddressRecord.Sign(isForeign ? Key(9) : _bob, 1, 1, [EvilInfo], [FlatNetwork.Parse("198.51.100.9:9000")]);
        _network.Add(new() { Identities = [_good], RelayServer = new() }, Good);
        var asked = 0;
        _relay.Knows = target =>
        {
            asked += target == _bob.Id ? 1 : 0;
            return old;
        };
        var callee = AddClient(_bob, Bob, GoodInfo);
        var caller = AddClient(_alice, Alice, EvilInfo);
        _network.Run(TimeSpan.FromSeconds(2));

        var misled = caller.Endpoint.Connect(new(_bob.Id) { Patience = TimeSpan.FromSeconds(5) }, _network.Now);
        _network.RunUntil(() => misled.State is RoamingState.Closed, TimeSpan.FromMinutes(1));
        Assert.Null(misled.Quic);
        Assert.False(mallory.Endpoint.TryAccept(out _));
        Assert.Equal(1, asked);

        var call = caller.Endpoint.Connect(new(_bob.Id) { Relays = [EvilInfo, GoodInfo] }, _network.Now);
        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(10));
        Assert.Equal(_alice.Id, accepted!.PeerId);
        Transfer(call, accepted, 10_000, TimeSpan.FromSeconds(20));
    }

    [Theory, InlineData(0), InlineData(5)]
    public void A_peer_that_is_elsewhere_is_found_by_its_record_where_the_relay_tells_it(int busy)
    {
        _relay.Busy = busy;
        _network.Add(new() { Identities = [_good], RelayServer = new() }, Good);
        var callee = AddClient(_bob, Bob, GoodInfo);
        _relay.Knows = target => target == _bob.Id ? callee.Endpoint.Nodes[0].Record : null;
        var caller = AddClient(_alice, Alice, EvilInfo);
        _network.Run(TimeSpan.FromSeconds(2));

        var call = caller.Endpoint.Connect(new(_bob.Id), _network.Now);
        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(10));
        Transfer(call, accepted!, 10_000, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_relay_that_gives_another_peers_session_makes_no_connection_to_the_wrong_identity()
    {
        var mallory = AddClient(Key(9), "198.51.100.9:9000", EvilInfo);
        var callee = AddClient(_bob, Bob, EvilInfo);
        var caller = AddClient(_alice, Alice, EvilInfo);
        _network.Run(TimeSpan.FromSeconds(2));
        var toMallory = caller.Endpoint.Connect(new(Key(9).Id) { Relays = [EvilInfo] }, _network.Now);
        _network.RunUntil(() => toMallory.State is RoamingState.Connected, TimeSpan.FromSeconds(2));
        var sessions = _relay.Sessions.Order().ToArray();
        // From now on everything goes to the pair of the first call, whatever it was meant for.
        _relay.Mangle = datagram =>
        {
            var session = BinaryPrimitives.ReadUInt64BigEndian(datagram.AsSpan(1));
            if (session > sessions[^1]) { BinaryPrimitives.WriteUInt64BigEndian(datagram.AsSpan(1), sessions[session % 2 == sessions[0] % 2 ? 0 : 1]); }
            return [datagram];
        };

        var call = caller.Endpoint.Connect(new(_bob.Id) { Relays = [EvilInfo] }, _network.Now);
        _network.RunUntil(() => call.State is RoamingState.Closed, TimeSpan.FromMinutes(1));

        Assert.Null(call.Quic);
        Assert.False(callee.Endpoint.TryAccept(out _));
        Assert.True(mallory.Endpoint.TryAccept(out var first));
        Assert.False(mallory.Endpoint.TryAccept(out _));
        Transfer(toMallory, first, 10_000, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Forged_words_of_a_relay_cost_memory_within_bounds_and_the_second_relay_carries_on()
    {
        _network.Add(new() { Identities = [_good], RelayServer = new() }, Good);
        var (call, accepted) = Connect([EvilInfo, GoodInfo]);
        var random = new Random(3);
        _relay.Mangle = static _ => [];
        for (var i = 0; i < 20_000; i++)
        {
            _relay.Tell(random.Next(2) == 0 ? _alice.Id : _bob.Id, Forge(random));
            if (i % 100 == 0) { _network.Run(TimeSpan.FromMilliseconds(50)); }
        }

        Transfer(call, accepted, 100_000, TimeSpan.FromSeconds(20));

        Assert.Equal(FlatNetwork.Parse(Good), call.ActivePath!.Value.Link.Remote);
        Assert.InRange(_clients[0].Endpoint.PathCount, 0, 5000);
        Assert.InRange(_clients[1].Endpoint.PathCount, 0, 5000);
        Assert.Equal((1, 1), (_clients[0].Endpoint.ConnectionCount, _clients[1].Endpoint.ConnectionCount));
    }

    [Fact]
    public void A_relay_that_drains_carries_what_goes_through_it_until_it_stops()
    {
        var (call, accepted) = Connect([EvilInfo]);
        _relay.Tell(_bob.Id, new RelayMessage.Draining(TimeSpan.FromMinutes(10), []));

        _network.Run(TimeSpan.FromMinutes(2));

        Transfer(call, accepted, 10_000, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Each_identity_of_a_host_is_called_as_itself_and_says_only_where_itself_is()
    {
        var second = Key(8);
        _network.Add(new() { Identities = [_bob, second] }, Bob);
        _network.Drops = static (_, _) => false;
        var caller = _network.Add(new() { Identities = [_alice] }, Alice);
        var call = caller.Endpoint.Connect(new(second.Id) { Addresses = [FlatNetwork.Parse(Bob)] }, _network.Now);

        _network.RunUntil(() => call.PeerRecord is not null, TimeSpan.FromSeconds(2));

        Assert.Equal(second.Id, call.PeerRecord!.Id);
    }

    private RelayMessage Forge(Random random)
    {
        var sessions = _relay.Sessions.ToArray();
        var session = random.Next(3) == 0 && sessions.Length > 0 ? sessions[random.Next(sessions.Length)] : (ulong)random.Next(1, 3000);
        NodeId[] ids = [_alice.Id, _bob.Id, _good.Id, Key((byte)random.Next(20, 200)).Id];
        return random.Next(12) switch
        {
            0 => new RelayMessage.Incoming(session, ids[random.Next(ids.Length)]),
            1 => new RelayMessage.Closed(session, RelayCloseReason.PeerGone),
            2 => new RelayMessage.Superseded(),
            3 => new RelayMessage.Draining(TimeSpan.FromSeconds(random.Next(100)), [new(Key(99).Id, [FlatNetwork.Parse("192.0.2.99:1")])]),
            4 => new RelayMessage.Opened((ulong)random.Next(1, 20), session),
            5 => new RelayMessage.Refused((ulong)random.Next(20), RelayRefusal.Policy),
            6 => new RelayMessage.Registered(FlatNetwork.Parse("192.0.2.98:1"), new(1, 1, 1, 1), TimeSpan.FromSeconds(1), null),
            7 => new RelayMessage.Found((ulong)random.Next(5), null),
            _ => new RelayMessage.Incoming((ulong)random.NextInt64(1, long.MaxValue), Key((byte)random.Next(20, 200)).Id),
        };
    }

    private FlatHost AddClient(IdentityKey identity, string address, params RelayInfo[] relays)
    {
        var client = _network.Add(new() { Identities = [identity], Relays = relays }, address);
        _clients.Add(client);
        return client;
    }

    private (RoamingConnection Call, RoamingConnection Accepted) Connect(RelayInfo[] relays)
    {
        var callee = AddClient(_bob, Bob, relays);
        var caller = AddClient(_alice, Alice, relays);
        _network.RunUntil(() => callee.Endpoint.Nodes[0].Homes.Registered.Count == relays.Length, TimeSpan.FromSeconds(3));
        var call = caller.Endpoint.Connect(new(_bob.Id) { Relays = relays }, _network.Now);
        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(10));
        _network.Run(TimeSpan.FromSeconds(2));
        return (call, accepted!);
    }

    private void Transfer(RoamingConnection from, RoamingConnection to, int length, TimeSpan atMost)
    {
        Assert.True(from.Quic!.TryOpenStream(bidirectional: false, out var id));
        var data = Pattern(length);
        var received = new byte[length];
        var (sent, got) = (0, 0);
        _network.RunUntil(
            () =>
            {
                if (sent < length)
                {
                    from.HandleWrite(_network.Now);
                    from.Quic.Write(id, data.AsSpan(sent), fin: true, out var written);
                    sent += written;
                }
                while (to.Quic!.Read(id, received.AsSpan(got), out var read, out _).Status == Coco.Quic.Streams.StreamReadStatus.Ok && read > 0) { got += read; }
                return got == length || from.State is RoamingState.Closed;
            },
            atMost);
        Assert.Null(from.CloseReason);
        Assert.True(data.AsSpan().SequenceEqual(received));
    }

    private static byte[] Pattern(int length) => [.. Enumerable.Range(0, length).Select(static i => (byte)(i * 7 / 3))];

    private static bool IsClient(NetworkAddress address) => address.ToString().StartsWith("198.51.100.", StringComparison.Ordinal);

    private static IdentityKey Key(byte seed) => IdentityKey.FromSeed([.. Enumerable.Repeat(seed, 32)]);
}
