using Coco.Crypto;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

public sealed class RelayedConnectionTests
{
    private const string Alice = "198.51.100.1:1000";
    private const string Bob = "198.51.100.2:2000";
    private const string One = "203.0.113.1:4433";
    private const string Two = "203.0.113.2:4433";

    private readonly FlatNetwork _network = new(seed: 3);
    private readonly IdentityKey _alice = Key(1);
    private readonly IdentityKey _bob = Key(2);
    private readonly IdentityKey _one = Key(3);
    private readonly IdentityKey _two = Key(4);
    private readonly FlatHost _firstRelay;
    private readonly FlatHost _secondRelay;
    private bool _isDirectBlocked = true;
    private string? _deadRelay;

    public RelayedConnectionTests()
    {
        _firstRelay = _network.Add(new() { Identities = [_one], RelayServer = new() }, One);
        _secondRelay = _network.Add(new() { Identities = [_two], RelayServer = new() }, Two);
        _network.Drops = (from, to) =>
            (_isDirectBlocked && IsClient(from) && IsClient(to)) || from.ToString() == _deadRelay || to.ToString() == _deadRelay;
    }

    private IReadOnlyList<RelayInfo> Relays => [new(_one.Id, [FlatNetwork.Parse(One)]), new(_two.Id, [FlatNetwork.Parse(Two)])];

    [Fact]
    public void A_node_is_found_at_its_relay_and_the_first_byte_comes_within_four_round_trips()
    {
        var (caller, callee) = AddClients();
        var start = _network.Now;
        var call = Call(caller);
        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(2));

        Assert.True(call.ActivePath!.Value.IsRelayed);
        Assert.True(accepted!.ActivePath!.Value.IsRelayed);
        Assert.True(_network.Now - start < 4 * 4 * _network.Delay, $"{_network.Now - start}"); // a relay round trip is four delays
        Assert.Equal(100_000, Transfer(call, accepted, 100_000));
        Assert.True(_firstRelay.Endpoint.RelayStatistics!.Packets + _secondRelay.Endpoint.RelayStatistics!.Packets > 100);
    }

    [Fact]
    public void A_relayed_connection_becomes_direct_as_soon_as_it_can()
    {
        _isDirectBlocked = false;
        var (caller, callee) = AddClients();
        var call = Call(caller);
        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(2));
        var from = _network.Now;

        _network.RunUntil(() => call.ActivePath is { IsRelayed: false } && accepted!.ActivePath is { IsRelayed: false }, TimeSpan.FromSeconds(5));

        Assert.True(_network.Now - from < TimeSpan.FromSeconds(1), $"{_network.Now - from}");
        Assert.Equal(100_000, Transfer(call, accepted!, 100_000));
        Assert.Equal(VerdictCode.DirectLan, call.Verdict!.Code); // the hosts share a prefix
    }

    [Fact]
    public void Who_is_called_again_and_again_is_reached_directly_each_time()
    {
        _isDirectBlocked = false;
        var (caller, callee) = AddClients();
        for (var i = 0; i < 120; i++)
        {
            var call = Call(caller);
            RoamingConnection? accepted = null;
            _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(2));
            var from = _network.Now;

            _network.RunUntil(() => call.ActivePath is { IsRelayed: false } && accepted!.ActivePath is { IsRelayed: false }, TimeSpan.FromSeconds(30));

            Assert.True(_network.Now - from < TimeSpan.FromSeconds(1), $"call {i}: {_network.Now - from}");
            call.Close(0, "", _network.Now);
            _network.Run(TimeSpan.FromMilliseconds(100));
        }
    }

    [Fact]
    public void Who_was_called_directly_and_left_at_once_again_and_again_is_still_found_from_a_relay()
    {
        _isDirectBlocked = false;
        var (caller, callee) = AddClients();
        RoamingConnection? accepted = null;
        for (var i = 0; i < 200; i++)
        {
            var brief = caller.Endpoint.Connect(new(_bob.Id) { Addresses = [FlatNetwork.Parse(Bob)] }, _network.Now);
            _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(2));
            brief.Close(0, "", _network.Now);
            _network.Run(TimeSpan.FromMilliseconds(10));
        }
        var call = Call(caller);
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(2));
        _network.RunUntil(() => call.ActivePath is { IsRelayed: false } && accepted!.ActivePath is { IsRelayed: false }, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_direct_way_that_dies_is_left_for_the_relay_without_losing_a_byte()
    {
        _isDirectBlocked = false;
        var (caller, callee) = AddClients();
        var call = Call(caller);
        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(2));
        _network.RunUntil(() => call.ActivePath is { IsRelayed: false }, TimeSpan.FromSeconds(5));
        _network.Run(TimeSpan.FromSeconds(5));

        _isDirectBlocked = true;
        var from = _network.Now;
        Assert.Equal(300_000, Transfer(call, accepted!, 300_000));

        Assert.True(_network.Now - from < TimeSpan.FromSeconds(3), $"{_network.Now - from}");
        Assert.True(call.ActivePath!.Value.IsRelayed);
    }

    [Fact]
    public void A_relay_that_dies_with_data_in_flight_is_left_for_the_second_within_two_seconds()
    {
        var (caller, callee) = AddClients();
        var call = Call(caller);
        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(2));
        _network.Run(TimeSpan.FromSeconds(5));

        _deadRelay = call.ActivePath!.Value.Link.Remote.ToString();
        var from = _network.Now;
        Assert.Equal(100_000, Transfer(call, accepted!, 100_000));

        Assert.True(_network.Now - from < TimeSpan.FromSeconds(2), $"{_network.Now - from}");
        Assert.NotEqual(_deadRelay, call.ActivePath!.Value.Link.Remote.ToString());
    }

    [Fact]
    public void A_call_to_somebody_who_is_at_no_relay_ends_and_says_so()
    {
        var caller = _network.Add(new() { Identities = [_alice], Relays = Relays }, Alice);
        var call = Call(caller);

        var start = _network.Now;
        _network.RunUntil(() => call.State is RoamingState.Closed, TimeSpan.FromSeconds(20));

        Assert.InRange(_network.Now - start, TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(15)); // who waits 15 s hears why
        Assert.Contains("at none of the relays", call.CloseReason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_know_where_to_find_the_other_again()
    {
        var (caller, callee) = AddClients();
        var call = Call(caller);
        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(2));
        _network.Run(TimeSpan.FromSeconds(3));

        Assert.Equal(_bob.Id, call.PeerRecord!.Id);
        Assert.Equal(_alice.Id, accepted!.PeerRecord!.Id);
        Assert.Equal([_one.Id, _two.Id], call.PeerRecord.Relays.Select(relay => relay.Id));

        call.Close(0, "", _network.Now);
        var again = caller.Endpoint.Connect(new(_bob.Id) { Record = call.PeerRecord }, _network.Now);
        _network.RunUntil(() => again.State is RoamingState.Connected, TimeSpan.FromSeconds(2));
    }

    private (FlatHost Caller, FlatHost Callee) AddClients()
    {
        var callee = _network.Add(new() { Identities = [_bob], Relays = Relays }, Bob);
        var caller = _network.Add(new() { Identities = [_alice], Relays = Relays }, Alice);
        _network.RunUntil(() => callee.Endpoint.Nodes[0].Homes.Registered.Count == 2 && caller.Endpoint.Nodes[0].Homes.Registered.Count == 2, TimeSpan.FromSeconds(3));
        return (caller, callee);
    }

    private RoamingConnection Call(FlatHost caller) => caller.Endpoint.Connect(new(_bob.Id) { Relays = Relays }, _network.Now);

    private int Transfer(RoamingConnection from, RoamingConnection to, int length)
    {
        Assert.True(from.Quic!.TryOpenStream(bidirectional: false, out var id));
        var data = new byte[length];
        new Random(length).NextBytes(data);
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
            TimeSpan.FromSeconds(30));
        Assert.Null(from.CloseReason);
        Assert.True(data.AsSpan().SequenceEqual(received));
        return got;
    }

    private static bool IsClient(NetworkAddress address) => address.ToString() is Alice or Bob;

    private static IdentityKey Key(byte seed) => IdentityKey.FromSeed([.. Enumerable.Repeat(seed, 32)]);
}
