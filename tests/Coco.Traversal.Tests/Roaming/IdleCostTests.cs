using Coco.Crypto;
using Coco.Traversal.Relays;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

/// <summary>What a connection that says nothing sends: as often as NATs forget, and seldom where there is none.</summary>
public sealed class IdleCostTests : IDisposable
{
    private const string Alice = "192.0.2.1:1000";
    private const string Bob = "192.0.2.2:2000";
    private const string Carol = "198.51.100.3:3000"; // another network
    private const string Relay = "203.0.113.1:4433";

    private readonly FlatNetwork _network = new(seed: 5);
    private readonly IdentityKey[] _keys = [.. Enumerable.Range(1, 4).Select(static seed => IdentityKey.FromSeed([.. Enumerable.Repeat((byte)seed, 32)]))];
    private readonly ITestOutputHelper _output;
    private int _packets;
    private Func<NetworkAddress, NetworkAddress, bool> _drops = static (_, _) => false;

    public IdleCostTests(ITestOutputHelper output)
    {
        _output = output;
        _network.Drops = (from, to) =>
        {
            _packets++;
            return _drops(from, to);
        };
    }

    [Theory]
    [InlineData(Alice, Bob, 80)]
    [InlineData("127.0.0.1:1000", "127.0.0.1:2000", 80)]
    [InlineData("[2001:db8::1]:1000", "[2001:db8::2]:2000", 80)]
    [InlineData(Alice, Carol, 25)] // nothing answers trials here, so it is what was learnt
    public void An_idle_connection_pings_seldom_only_within_one_network(string one, string other, int seconds)
    {
        var (call, answer) = Connect(one, other);
        _network.Run(TimeSpan.FromMinutes(5)); // searches are over
        _packets = 0;

        _network.Run(TimeSpan.FromHours(1));

        _output.WriteLine($"{one} and {other}: {_packets} packets an hour of both; every 25 s it would be {2 * 3600 / 25}");
        Assert.Equal((seconds, seconds * 11 / 10.0), Intervals(call, answer));
        Assert.InRange(_packets, 2 * 3600 / seconds * 0.9, 2.0 * 3600 / seconds);
        Assert.Equal((RoamingState.Connected, RoamingState.Connected), (call.State, answer.State));
    }

    [Fact]
    public void The_connections_of_one_identity_are_used_as_often_as_it_asks_for_and_those_of_others_are_not()
    {
        var (call, answer) = Connect(Alice, Bob);
        var callee = _network.Add(new() { Identities = [_keys[2]] }, "192.0.2.3:3000");
        callee.Endpoint.AddIdentity(_keys[3], null, _network.Now, TimeSpan.FromSeconds(25));
        var caller = _network.Add(new() { Identities = [_keys[0]] }, "192.0.2.4:4000");
        var strict = caller.Endpoint.Connect(new(_keys[3].Id) { Addresses = callee.Addresses }, _network.Now);
        var easy = caller.Endpoint.Connect(new(_keys[2].Id) { Addresses = callee.Addresses }, _network.Now);
        _network.Run(TimeSpan.FromMinutes(5));
        var accepted = new List<RoamingConnection>();
        while (callee.Endpoint.TryAccept(out var next)) { accepted.Add(next); }

        Assert.Equal([(80, 27.5), (80, 88)], accepted.Select(each => Intervals(each.Node.Id == _keys[3].Id ? strict : easy, each)).Order());
        Assert.Equal((80, 88), Intervals(call, answer));
        // Whoever waits less keeps the connection for both.
        var (heard, before) = (strict.Quic!.LastReceived, _network.Now);
        _network.RunUntil(() => strict.Quic.LastReceived > heard, TimeSpan.FromSeconds(28));
        Assert.True(_network.Now - before < TimeSpan.FromSeconds(28));
    }

    [Fact]
    public void A_connection_that_has_to_leave_its_network_pings_as_learnt_at_once_and_seldom_when_it_is_back()
    {
        var (call, answer) = Connect(Alice, Bob, AddRelay());
        _network.Run(TimeSpan.FromMinutes(2));
        Assert.Equal((80, 88), Intervals(call, answer));
        call.Quic!.Ping();
        _network.Run(TimeSpan.FromSeconds(1)); // what dies amid traffic did not die of silence

        _drops = (from, to) => !IsRelay(from) && !IsRelay(to);
        call.Quic.Ping();
        _network.RunUntil(() => call.ActivePath is { IsRelayed: true } && answer.ActivePath is { IsRelayed: true }, TimeSpan.FromSeconds(3));
        _network.Run(TimeSpan.FromMilliseconds(50)); // the next packet of either
        Assert.Equal((25, 27.5), Intervals(call, answer));

        _drops = static (_, _) => false;
        _network.RunUntil(() => call.ActivePath is { IsRelayed: false } && answer.ActivePath is { IsRelayed: false }, TimeSpan.FromMinutes(1));
        _network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal((80, 88), Intervals(call, answer));
    }

    [Fact]
    public void A_firewall_of_a_host_that_forgets_sooner_is_kept_open_once_it_has_been_noticed()
    {
        // Each lets in what answers something of the last minute.
        var sent = new Dictionary<(NetworkAddress From, NetworkAddress To), TimeSpan>();
        _drops = (from, to) =>
        {
            sent[(from, to)] = _network.Now;
            return !IsRelay(from) && !IsRelay(to) && !(sent.TryGetValue((to, from), out var last) && _network.Now - last < TimeSpan.FromMinutes(1));
        };
        var (call, answer) = Connect(Alice, Bob, AddRelay());
        _network.RunUntil(() => call.ActivePath is { IsRelayed: false } && answer.ActivePath is { IsRelayed: false }, TimeSpan.FromSeconds(10));
        _network.Run(TimeSpan.FromMinutes(5));
        var changes = PathChanges(call);

        _network.Run(TimeSpan.FromHours(1));

        Assert.False(call.ActivePath!.Value.IsRelayed);
        Assert.Equal((25, 0), (Math.Min(Intervals(call, answer).Call, Intervals(call, answer).Answer), PathChanges(call)));
        Assert.InRange(changes, 2, 4);
    }

    [Fact]
    public void An_idle_connection_outlives_half_a_minute_without_network_whenever_it_comes()
    {
        var (call, answer) = Connect(Alice, Bob);
        for (var after = 1; after < 90; after += 8)
        {
            _network.Run(TimeSpan.FromMinutes(3)); // quiet again
            call.Quic!.Ping();
            _network.Run(TimeSpan.FromSeconds(after));
            _drops = static (_, _) => true;
            _network.Run(TimeSpan.FromSeconds(30));
            _drops = static (_, _) => false;
            _network.Run(TimeSpan.FromMinutes(1));
            Assert.Equal((RoamingState.Connected, RoamingState.Connected), (call.State, answer.State));
            var before = answer.Quic!.LastReceived;
            call.Quic.Ping();
            _network.Run(TimeSpan.FromSeconds(1));
            Assert.NotEqual(before, answer.Quic.LastReceived);
        }
    }

    public void Dispose() => Array.ForEach(_keys, static key => key.Dispose());

    private static (double Call, double Answer) Intervals(RoamingConnection call, RoamingConnection answer) => (call.Quic!.KeepAlive.TotalSeconds, answer.Quic!.KeepAlive.TotalSeconds);

    private static int PathChanges(RoamingConnection connection)
    {
        var changes = 0;
        while (connection.TryTakeEvent(out var happened)) { changes += happened.Kind is RoamingEventKind.PathChanged ? 1 : 0; }
        return changes;
    }

    private static bool IsRelay(NetworkAddress address) => address.ToString() == Relay;

    private RelayInfo AddRelay()
    {
        _network.Add(new() { Identities = [_keys[2]], RelayServer = new() }, Relay);
        return new(_keys[2].Id, [FlatNetwork.Parse(Relay)]);
    }

    private (RoamingConnection Call, RoamingConnection Answer) Connect(string one, string other, RelayInfo? relay = null)
    {
        IReadOnlyList<RelayInfo> relays = relay is null ? [] : [relay];
        var caller = _network.Add(new() { Identities = [_keys[0]], Relays = relays }, one);
        var callee = _network.Add(new() { Identities = [_keys[1]], Relays = relays }, other);
        _network.Run(TimeSpan.FromSeconds(3));
        var call = caller.Endpoint.Connect(new(_keys[1].Id) { Addresses = [FlatNetwork.Parse(other)], Relays = relays }, _network.Now);
        RoamingConnection? answer = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out answer), TimeSpan.FromSeconds(2));
        return (call, answer!);
    }
}
