using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Traversal.Links;
using Coco.Traversal.Roaming;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Tests.Roaming;

public sealed class HostileStrangersTests
{
    private const string Alice = "192.0.2.1:1000";
    private const string Bob = "192.0.2.2:2000";
    private const int Flood = 100_000;

    private readonly FlatNetwork _network = new(seed: 11);
    private readonly IdentityKey _alice = Key(1);
    private readonly IdentityKey _bob = Key(2);

    [Theory, InlineData("Initial"), InlineData("Relayed"), InlineData("Probe"), InlineData("Stun"), InlineData("Short")]
    public void A_flood_from_forged_sources_fills_no_table_and_is_not_amplified_and_honest_connections_go_on(string kind)
    {
        var callee = _network.Add(new() { Identities = [_bob], RelayServer = new() }, Bob);
        var caller = _network.Add(new() { Identities = [_alice] }, Alice);
        var (call, accepted) = Connect(caller, callee);
        var random = new Random(9);
        var real = kind == "Initial" ? Initials(600) : [];
        var (received, sent) = (0L, 0L);
        var buffer = new byte[65_536];

        for (var i = 0; i < Flood; i++)
        {
            var datagram = i < real.Count ? real[i] : Forge(kind, random);
            received += datagram.Length;
            var source = NetworkAddress.FromIpv4((uint)(0x0B00_0000 + i), 1024 + (i % 50_000));
            callee.Endpoint.HandleDatagrams(new(LinkKind.Udp, 0, source), datagram, datagram.Length, EcnCodepoint.NotEct, _network.Now);
            if (i % 50 == 0)
            {
                while (callee.Endpoint.TryTakeTransmit(buffer, _network.Now, out var transmit))
                {
                    if (transmit.Link.Remote.ToString() != Alice) { sent += transmit.Length; }
                }
            }
            if (i % 1000 == 0) { _network.Run(TimeSpan.FromMilliseconds(1)); }
        }

        Assert.InRange(sent, 0, 3 * received);
        Assert.InRange(callee.Endpoint.PathCount, 1, 200_000);
        Assert.Equal(1, callee.Endpoint.ConnectionCount);
        Echo(call, accepted);
        var (second, secondAccepted) = Connect(caller, callee); // with Retry, if that is what it takes
        Echo(second, secondAccepted);
        _network.Run(TimeSpan.FromMinutes(1));
        Assert.Equal(2, callee.Endpoint.ConnectionCount);
        Assert.InRange(callee.Endpoint.PathCount, 1, 200_000);
    }

    [Fact]
    public void A_handshake_survives_that_strangers_fill_the_table_of_ways()
    {
        var callee = _network.Add(new() { Identities = [_bob] }, Bob);
        var caller = _network.Add(new() { Identities = [_alice] }, Alice);
        _network.Delay = TimeSpan.FromMilliseconds(50);
        var call = caller.Endpoint.Connect(new(_bob.Id) { Addresses = [FlatNetwork.Parse(Bob)] }, _network.Now);
        _network.Run(TimeSpan.FromMilliseconds(60)); // the first flight has arrived, and its answer is under way
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var datagram = Forge("Short", random);
            callee.Endpoint.HandleDatagrams(new(LinkKind.Udp, 0, NetworkAddress.FromIpv4((uint)(0x0B00_0000 + i), 1)), datagram, datagram.Length, EcnCodepoint.NotEct, _network.Now);
            if (i % 500 == 0) { callee.Endpoint.HandleTimeout(_network.Now); }
        }

        _network.RunUntil(() => callee.Endpoint.TryAccept(out _), TimeSpan.FromSeconds(1));

        Assert.Equal(RoamingState.Connected, call.State);
    }

    [Fact]
    public void A_table_of_ways_that_is_mostly_in_use_is_not_closed_to_newcomers_by_strangers()
    {
        var table = new PathTable(new byte[32], capacity: 3000);
        var inUse = new HashSet<int>();
        for (var i = 0; i < 2000; i++)
        {
            Assert.True(table.TryGet(Way(i), out var path));
            inUse.Add(path.Id.Value);
        }
        table.Sweep(inUse, TimeSpan.Zero);
        for (var i = 2000; i < 5000; i++) { table.TryGet(Way(i), out _); }
        Assert.False(table.TryGet(Way(9000), out _));

        Assert.True(table.WantsSweep(TimeSpan.FromSeconds(2)));
        table.Sweep(inUse, TimeSpan.FromSeconds(2));

        Assert.True(table.TryGet(Way(9000), out _));
        Assert.Equal(2001, table.Count);

        static PathAddress Way(int i) => new(new(LinkKind.Udp, 0, NetworkAddress.FromIpv4((uint)(0x0B00_0000 + i), 1)));
    }

    [Fact]
    public void A_caller_that_completes_handshakes_and_says_nothing_is_let_go_after_seconds()
    {
        var callee = _network.Add(new() { Identities = [_bob] }, Bob);
        var silent = new RawPeer(_network, Key(7), "203.0.113.7:7000", RoamingOptions.PeerProtocol, seed: 70);
        for (var i = 0; i < 100; i++) { silent.Connect(_bob.Id, Bob); }
        _network.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(100, callee.Endpoint.ConnectionCount);

        _network.Run(TimeSpan.FromSeconds(15));

        Assert.Equal(0, callee.Endpoint.ConnectionCount);
        Assert.False(callee.Endpoint.TryAccept(out _));
    }

    [Fact]
    public void A_relays_client_that_never_opens_its_control_stream_is_let_go_after_seconds()
    {
        var relay = _network.Add(new() { Identities = [_bob], RelayServer = new() }, Bob);
        var silent = new RawPeer(_network, Key(7), "203.0.113.7:7000", RoamingOptions.RelayProtocol, seed: 70);
        var slow = silent.Connect(_bob.Id, Bob);
        _network.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(1, relay.Endpoint.RelayStatistics!.Clients);

        _network.Run(TimeSpan.FromSeconds(15));

        Assert.Equal(0, relay.Endpoint.RelayStatistics!.Clients);
        Assert.NotNull(slow.CloseReason);
    }

    private (RoamingConnection Call, RoamingConnection Accepted) Connect(FlatHost caller, FlatHost callee)
    {
        var call = caller.Endpoint.Connect(new(_bob.Id) { Addresses = [FlatNetwork.Parse(Bob)] }, _network.Now);
        RoamingConnection? accepted = null;
        _network.RunUntil(() => callee.Endpoint.TryAccept(out accepted), TimeSpan.FromSeconds(5));
        return (call, accepted!);
    }

    private void Echo(RoamingConnection from, RoamingConnection to)
    {
        Assert.True(from.Quic!.TryOpenStream(bidirectional: false, out var id));
        from.Quic.Write(id, new byte[1000], fin: true, out _);
        var (buffer, got) = (new byte[1000], 0);
        _network.RunUntil(() => { to.Quic!.Read(id, buffer, out var read, out _); return (got += read) == 1000; }, TimeSpan.FromSeconds(2));
    }

    // First flights of clients that hold keys, each for a connection of its own.
    private List<byte[]> Initials(int count)
    {
        var client = new QuicEndpoint(new() { Identities = [Key(66)], ApplicationProtocols = [RoamingOptions.PeerProtocol] }, new SeededRandomSource(66));
        var buffer = new byte[1500];
        var initials = new List<byte[]>();
        while (initials.Count < count)
        {
            client.Connect(new(new(initials.Count)), new(_bob.Id, Key(66)) { ApplicationProtocols = [RoamingOptions.PeerProtocol] }, _network.Now);
            while (client.TryTakeTransmit(buffer, _network.Now, out var transmit)) { initials.Add(buffer[..transmit.Length]); }
        }
        return initials;
    }

    private static byte[] Forge(string kind, Random random)
    {
        var datagram = new byte[kind == "Initial" ? 1200 : 60];
        random.NextBytes(datagram);
        switch (kind)
        {
            case "Initial":
                byte[] header = [0xC3, 0, 0, 0, 1, 8];
                header.CopyTo(datagram, 0);
                (datagram[14], datagram[15], datagram[16], datagram[17]) = (0, 0, 0x44, 0x90); // no source ID, no token, 1,168 bytes
                break;
            case "Relayed": datagram[0] = FirstByte.Relayed; break;
            case "Probe": datagram[0] = FirstByte.Probe; break;
            case "Short": datagram[0] = 0x43; break;
            case "Stun":
                var writer = new StunWriter(datagram, StunClass.Request, new TransactionId((uint)random.Next(), (ulong)random.NextInt64()));
                return datagram[..writer.Length];
        }
        return datagram;
    }

    private static IdentityKey Key(byte seed) => IdentityKey.FromSeed([.. Enumerable.Repeat(seed, 32)]);
}
