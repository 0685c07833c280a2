using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

public sealed class RoamingConnectionTests
{
    private readonly FlatNetwork _network = new(seed: 1);
    private readonly IdentityKey _alice = IdentityKey.FromSeed([.. Enumerable.Repeat((byte)1, 32)]);
    private readonly IdentityKey _bob = IdentityKey.FromSeed([.. Enumerable.Repeat((byte)2, 32)]);

    [Fact]
    public void A_call_to_an_address_is_accepted_once_and_carries_a_stream()
    {
        var caller = _network.Add(new() { Identities = [_alice] }, "192.0.2.1:1000");
        var callee = _network.Add(new() { Identities = [_bob] }, "192.0.2.2:2000");
        var call = Call(caller, "192.0.2.2:2000");

        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(1));

        Assert.Equal((RoamingState.Connected, RoamingState.Connected), (call.State, accepted!.State));
        Assert.Equal((_bob.Id, _alice.Id), (call.PeerId, accepted.PeerId));
        Assert.True(call.Quic!.TryOpenStream(bidirectional: true, out var id));
        Assert.NotEqual(0, id);
        call.Quic.Write(id, "hello"u8, fin: true, out _);
        var received = new byte[16];
        var length = 0;
        _network.RunUntil(() => { accepted.Quic!.Read(id, received, out length, out _); return length > 0; }, TimeSpan.FromSeconds(1));
        Assert.Equal("hello"u8, received.AsSpan(0, length));
        Assert.True(accepted.TryTakeStreamEvent(out var opened));
        Assert.Equal(id, opened.Id);
    }

    [Fact]
    public void Of_several_addresses_the_first_that_answers_is_kept_and_the_callee_accepts_one_call()
    {
        var caller = _network.Add(new() { Identities = [_alice] }, "192.0.2.1:1000");
        var callee = _network.Add(new() { Identities = [_bob] }, "192.0.2.2:2000", "198.51.100.2:2000");
        var call = Call(caller, "203.0.113.9:1", "192.0.2.2:2000", "198.51.100.2:2000");

        _network.Run(TimeSpan.FromSeconds(3));

        Assert.Equal(RoamingState.Connected, call.State);
        Assert.True(callee.Endpoint.TryAccept(out var accepted));
        Assert.False(callee.Endpoint.TryAccept(out _));
        Assert.Equal(RoamingState.Connected, accepted.State);
        Assert.Equal(1, callee.Endpoint.ConnectionCount);
        Assert.Equal(1, caller.Endpoint.ConnectionCount);
    }

    [Fact]
    public void A_call_without_a_usable_way_ends_at_once_and_says_what_to_give()
    {
        var caller = _network.Add(new() { Identities = [_alice] }, "192.0.2.1:1000");

        var call = Call(caller, "[2001:db8::1]:1");
        _network.RunUntil(() => call.State is RoamingState.Closed, TimeSpan.Zero);

        Assert.Contains("Give an address", call.CloseReason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_that_nobody_answers_ends_after_the_handshake_timeout()
    {
        var caller = _network.Add(new() { Identities = [_alice] }, "192.0.2.1:1000");
        var call = Call(caller, "192.0.2.9:9");

        _network.RunUntil(() => call.State is RoamingState.Closed, TimeSpan.FromSeconds(31));

        Assert.Equal(CloseKind.HandshakeTimeout, call.CloseReason!.Kind);
        Assert.Equal(0, caller.Endpoint.ConnectionCount);
    }

    [Fact]
    public void Closing_tells_the_peer_the_code()
    {
        var caller = _network.Add(new() { Identities = [_alice] }, "192.0.2.1:1000");
        var callee = _network.Add(new() { Identities = [_bob] }, "192.0.2.2:2000");
        var call = Call(caller, "192.0.2.2:2000");
        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(1));

        call.Close(42, "done", _network.Now);
        _network.RunUntil(() => accepted!.State is RoamingState.Closed, TimeSpan.FromSeconds(1));

        Assert.Equal((CloseKind.PeerApplication, 42UL), (accepted!.CloseReason!.Kind, accepted.CloseReason.Code));
    }

    [Fact] // RFC 9000 §10.3
    public void A_peer_that_has_lost_the_connection_in_a_restart_ends_it_with_a_stateless_reset()
    {
        var options = new RoamingOptions { Identities = [_bob], StatelessResetKey = new byte[32] };
        var caller = _network.Add(new() { Identities = [_alice] }, "192.0.2.1:1000");
        var callee = _network.Add(options, "192.0.2.2:2000");
        var call = Call(caller, "192.0.2.2:2000");
        _network.RunUntil(() => callee.Endpoint.TryAccept(out _), TimeSpan.FromSeconds(1));
        _network.Run(TimeSpan.FromSeconds(2));

        _network.Remove(callee);
        _network.Add(options, "192.0.2.2:2000");
        Assert.True(call.Quic!.TrySendDatagram(new byte[600]));
        _network.RunUntil(() => call.State is RoamingState.Closed, TimeSpan.FromSeconds(10));

        Assert.Equal(CloseKind.StatelessReset, call.CloseReason!.Kind);
    }

    private RoamingConnection Call(FlatHost caller, params string[] addresses) =>
        caller.Endpoint.Connect(new(_bob.Id) { Addresses = [.. addresses.Select(FlatNetwork.Parse)] }, _network.Now);
}
