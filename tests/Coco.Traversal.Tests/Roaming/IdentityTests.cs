using Coco.Crypto;
using Coco.Traversal.Relays;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

/// <summary>Identities that come and go at any moment of what others do with them.</summary>
public sealed class IdentityTests
{
    private const string Alice = "192.0.2.1:1000";
    private const string Bob = "192.0.2.2:2000";
    private const string Relay = "203.0.113.1:4433";

    private readonly FlatNetwork _network = new(seed: 33);
    private readonly IdentityKey _bob = Key(2);
    private readonly IdentityKey _added = Key(3);

    [Fact]
    public void Key_that_is_wiped_after_its_removal_is_not_used_whatever_was_under_way()
    {
        var callee = _network.Add(new() { Identities = [_bob] }, Bob);
        var answered = 0;
        for (var ms = 0; ms <= 60; ms++)
        {
            using var key = Key((byte)(100 + ms));
            callee.Endpoint.AddIdentity(key, null, _network.Now);
            var caller = _network.Add(new() { Identities = [Key(1)] }, Alice);
            var call = caller.Endpoint.Connect(new(key.Id) { Addresses = [FlatNetwork.Parse(Bob)] }, _network.Now);
            var back = callee.Endpoint.Connect(new(Key(1).Id) { Addresses = [FlatNetwork.Parse(Alice)], As = key.Id }, _network.Now);
            _network.Run(TimeSpan.FromMilliseconds(ms));
            answered += call.State is RoamingState.Connected ? 1 : 0;

            callee.Endpoint.RemoveIdentity(callee.Endpoint.SilenceIdentity(key.Id)!, _network.Now);
            key.Dispose();
            _network.Run(TimeSpan.FromSeconds(40));

            Assert.True((call.State, back.State) is (RoamingState.Closed, RoamingState.Closed), $"after {ms} ms: {call.State} {call.CloseReason} {call.Deadline} {_network.Now} {string.Join(" ", caller.Commands)}, {back.State}");
            Assert.Equal((0, 1), (callee.Endpoint.ConnectionCount, callee.Endpoint.Nodes.Count));
            _network.Remove(caller);
        }
        Assert.InRange(answered, 20, 55); // some before, some after
    }

    [Fact]
    public void Identity_that_comes_back_says_something_newer_than_it_said_before()
    {
        _network.Add(new() { Identities = [Key(9)], RelayServer = new() }, Relay);
        RelayInfo[] relays = [new(Key(9).Id, [FlatNetwork.Parse(Relay)])];
        var endpoint = _network.Add(new() { UnixSecondsAtZero = 1_700_000_000 }, Bob).Endpoint;
        ulong last = 0;
        for (var i = 0; i < 20; i++)
        {
            var node = endpoint.AddIdentity(_added, relays, _network.Now);
            _network.RunUntil(() => node.Record is { Relays.Count: 1 }, TimeSpan.FromSeconds(10));
            Assert.True(node.Record!.Sequence > last);
            last = node.Record.Sequence;
            endpoint.RemoveIdentity(endpoint.SilenceIdentity(_added.Id)!, _network.Now);
            Assert.Equal(0, endpoint.RelayLinkCount);
            _network.Run(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public void Clients_of_a_relay_whose_identity_is_removed_go_elsewhere()
    {
        var relay = _network.Add(new() { Identities = [_bob], RelayServer = new() }, Relay);
        var client = _network.Add(new() { Identities = [Key(1)], Relays = [new(_bob.Id, [FlatNetwork.Parse(Relay)])] }, Alice);
        _network.RunUntil(() => client.Endpoint.Nodes[0].Homes.Registered.Count == 1, TimeSpan.FromSeconds(5));

        relay.Endpoint.RemoveIdentity(relay.Endpoint.SilenceIdentity(_bob.Id)!, _network.Now);
        _network.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(0, relay.Endpoint.RelayStatistics!.Clients);
        Assert.Empty(client.Endpoint.Nodes[0].Homes.Registered);
    }

    [Fact]
    public void Identity_is_added_once_and_a_call_as_one_that_has_gone_is_refused()
    {
        var endpoint = _network.Add(new() { Identities = [_bob] }, Bob).Endpoint;
        Assert.Throws<ArgumentException>(() => endpoint.AddIdentity(_bob, null, _network.Now));
        Assert.Null(endpoint.SilenceIdentity(_added.Id));

        endpoint.RemoveIdentity(endpoint.SilenceIdentity(_bob.Id)!, _network.Now);

        Assert.False(endpoint.CanCall(new(_added.Id) { As = _bob.Id }));
        Assert.False(endpoint.CanCall(new(_added.Id)));
    }

    private static IdentityKey Key(byte seed) => IdentityKey.FromSeed([.. Enumerable.Repeat(seed, 32)]);
}
