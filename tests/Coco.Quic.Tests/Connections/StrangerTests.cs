using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Quic.Packets;
using Coco.Quic.Paths;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Connections;

/// <summary>What an endpoint does with datagrams of strangers: garbage, spoilt, replayed and spoofed ones, in floods.</summary>
public sealed class StrangerTests
{
    private const int Flood = 100_000;

    [Fact] // RFC 9000 §8.1, §14.1, §10.3: no exception, bounded memory, less than three times the bytes in answer
    public void A_flood_of_spoilt_copies_costs_bounded_memory_and_less_than_three_times_its_bytes()
    {
        var seen = new List<byte[]>();
        using var pair = new SimulatedPair();
        pair.Network.Filter = (side, _, datagram) => { if (side == 0) { seen.Add([.. datagram]); } return true; };
        pair.Connect();
        pair.Transfer(pair.Client, pair.Server!, 50_000);
        pair.Network.Filter = null;

        var endpoint = pair.Network.Server;
        var random = new Random(1);
        var buffer = new byte[65536];
        long received = 0, sent = 0;
        var now = pair.Network.Now;
        Run(Flood / 10);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Run(Flood);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(endpoint.ConnectionCount, 1, 1 + 1024);
        Assert.True(sent < 3 * received, $"{sent} bytes sent for {received}");
        Assert.True(grown < 16 << 20, $"{grown} bytes are kept");
        Assert.Equal(ConnectionState.Connected, pair.Server!.State);

        // After the time of a handshake nothing is left of them.
        now += TimeSpan.FromSeconds(11);
        endpoint.HandleTimeout(now);
        Drain();
        Assert.Equal(1, endpoint.ConnectionCount);

        void Run(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var datagram = Spoil((byte[])seen[random.Next(seen.Count)].Clone(), random);
                received += datagram.Length;
                endpoint.HandleDatagram(new PathInfo(new PathId(10 + random.Next(1000))), datagram, EcnCodepoint.NotEct, now);
                now += TimeSpan.FromMicroseconds(10);
                if (endpoint.Deadline <= now) { endpoint.HandleTimeout(now); }
                Drain();
            }
        }

        void Drain()
        {
            while (endpoint.TryTakeTransmit(buffer, now, out var transmit)) { sent += transmit.Length; }
        }
    }

    [Fact] // RFC 9000 §10.3: a known connection ID under forged packets
    public void A_flood_of_forged_packets_to_a_connection_changes_nothing()
    {
        using var pair = new SimulatedPair().Connect();
        var id = ConnectionInternals.LocalIds(pair.Server!).Entries[0].Id;
        var random = new Random(2);
        var datagram = new byte[1200];
        var buffer = new byte[65536];
        pair.Network.RunFor(TimeSpan.FromSeconds(1));
        var before = pair.Server!.Statistics;
        for (var i = 0; i < Flood; i++)
        {
            var forged = datagram.AsSpan(0, 1 + 8 + random.Next(100));
            random.NextBytes(forged);
            forged[0] = (byte)((forged[0] & 0x3F) | 0x40); // both key phases come up
            id.CopyTo(forged[1..]);
            pair.Network.Server.HandleDatagram(pair.Network.Path(random.Next(1, 50)), forged, EcnCodepoint.NotEct, pair.Network.Now);
            Assert.False(pair.Network.Server.TryTakeTransmit(buffer, pair.Network.Now, out _));
        }
        Assert.Equal((before.PacketsSent, before.PacketsReceived, before.Path), (pair.Server.Statistics.PacketsSent, pair.Server.Statistics.PacketsReceived, pair.Server.ActivePath));
        pair.Transfer(pair.Client, pair.Server, 100_000);
        Assert.Equal(0, pair.Server.KeyUpdates);
    }

    [Fact] // docs/architecture.md "Identity"
    public void A_stranger_that_does_not_know_whom_it_calls_gets_no_byte()
    {
        using var pair = new SimulatedPair();
        using var other = IdentityKey.Generate(new SeededRandomSource(99));
        using var key = IdentityKey.Generate(new SeededRandomSource(98));
        var network = new SimulatedNetwork(5, new EndpointOptions { Identities = [key], AcceptConnections = false }, pair.Network.Server.Options);
        var stranger = network.Client.Connect(network.Path(1), new(other.Id, key), network.Now);
        Assert.True(network.RunUntil(() => stranger.State == ConnectionState.Closed, TimeSpan.FromMinutes(1)));
        Assert.Equal(CloseKind.HandshakeTimeout, stranger.CloseReason!.Kind);
        Assert.Equal(0, network.BytesSent[1]);
        Assert.Equal((0, 0), (network.Server.ConnectionCount, network.Server.TableSize));
        Assert.False(network.Server.TryAccept(out _));
    }

    [Fact] // issue "Bad input": before any application byte
    public void A_server_with_another_key_is_refused_before_any_application_byte()
    {
        using var clientKey = IdentityKey.Generate(new SeededRandomSource(1));
        using var target = IdentityKey.Generate(new SeededRandomSource(2));
        using var impostor = IdentityKey.Generate(new SeededRandomSource(3));
        var network = new SimulatedNetwork(
            6,
            new EndpointOptions { Identities = [clientKey], AcceptConnections = false },
            new EndpointOptions { Identities = [impostor], Tls = new Quic.Tls.TlsOptions { RequireServerNameToken = false } });
        var client = network.Client.Connect(network.Path(1), new(target.Id, clientKey), network.Now);
        Assert.False(client.TryOpenStream(bidirectional: true, out _)); // the peer's limits are not known yet
        Assert.True(network.RunUntil(() => client.CloseReason is not null));
        Assert.Equal(CloseKind.LocalTransport, client.CloseReason!.Kind);
        Assert.InRange(client.CloseReason.Code, 0x100UL, 0x1ffUL);
        Assert.Equal(default, client.PeerId);
        Assert.Equal(0, ConnectionInternals.Data(client).NextPacketNumber); // nothing left under 1-RTT keys
        network.RunFor(TimeSpan.FromSeconds(15));
        Assert.False(network.Server.TryAccept(out var accepted) && accepted.TryTakeStreamEvent(out _));
    }

    [Fact] // RFC 9000 §7, §14.1: the server may not answer before it has the whole ClientHello, and keeps it in order
    public void A_ClientHello_over_several_Initials_is_put_together()
    {
        var longName = Enumerable.Range(0, 20).Select(static i => new string((char)('a' + i), 200)).Append("coco/1").ToArray();
        using var pair = new SimulatedPair(client: options => options with { ApplicationProtocols = longName }, link: new() { Reorder = 0.5 });
        pair.Connect();
        Assert.Equal("coco/1", pair.Client.ApplicationProtocol);
    }

    [Fact] // RFC 9000 §14.1
    public void An_Initial_in_a_short_datagram_is_discarded()
    {
        using var pair = new SimulatedPair();
        byte[]? first = null;
        pair.Network.Filter = (side, _, datagram) => { first ??= datagram; return false; };
        pair.Network.RunFor(TimeSpan.FromMilliseconds(1));
        pair.Network.Server.HandleDatagram(pair.Network.Path(1), first.AsSpan(0, 1199), EcnCodepoint.NotEct, pair.Network.Now);
        Assert.Equal(0, pair.Network.Server.ConnectionCount);
    }

    [Fact] // RFC 9000 §6.1, §5.2.2
    public void Another_version_is_answered_by_version_negotiation_and_once_per_datagram()
    {
        using var pair = new SimulatedPair();
        var buffer = new byte[2000];
        var datagram = new byte[1200];
        datagram[0] = 0xC0;
        datagram[1] = 0x1a;
        (datagram[5], datagram[14]) = (8, 8);
        Feed(datagram);
        Assert.True(pair.Network.Server.TryTakeTransmit(buffer, pair.Network.Now, out var answer));
        Assert.True(answer.Length < 100);
        Assert.False(pair.Network.Server.TryTakeTransmit(buffer, pair.Network.Now, out _));
        Feed(datagram.AsSpan(0, 1199).ToArray()); // too small to start a connection
        Feed(buffer.AsSpan(0, answer.Length).ToArray()); // never answered
        Assert.False(pair.Network.Server.TryTakeTransmit(buffer, pair.Network.Now, out _));

        void Feed(byte[] bytes) => pair.Network.Server.HandleDatagram(pair.Network.Path(1), bytes, EcnCodepoint.NotEct, pair.Network.Now);
    }

    [Fact] // RFC 9000 §10.3
    public void Stateless_resets_are_limited_in_rate_and_smaller_than_their_cause()
    {
        using var pair = new SimulatedPair();
        var buffer = new byte[2000];
        var sent = 0;
        for (var i = 0; i < 1000; i++)
        {
            var datagram = new byte[30 + (i % 20)];
            Random.Shared.NextBytes(datagram);
            datagram[0] = 0x40;
            pair.Network.Server.HandleDatagram(pair.Network.Path(1), datagram, EcnCodepoint.NotEct, pair.Network.Now);
            while (pair.Network.Server.TryTakeTransmit(buffer, pair.Network.Now, out var reset))
            {
                sent++;
                Assert.InRange(reset.Length, StatelessReset.MinLength, datagram.Length - 1);
            }
        }
        Assert.Equal(100, sent);
    }

    private static byte[] Spoil(byte[] datagram, Random random)
    {
        switch (random.Next(5))
        {
            case 0: random.NextBytes(datagram); break;
            case 1: return datagram[..random.Next(1, datagram.Length)];
            case 2: random.NextBytes(datagram.AsSpan(1, Math.Min(30, datagram.Length - 1))); break;
            case 3: datagram[random.Next(Math.Min(64, datagram.Length))] ^= (byte)(1 << random.Next(8)); break;
        }
        return datagram; // or as it was: a replay
    }
}
