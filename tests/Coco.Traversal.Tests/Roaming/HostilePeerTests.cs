using System.Buffers;
using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

public sealed class HostilePeerTests
{
    private const string Bob = "192.0.2.2:2000";

    private readonly FlatNetwork _network = new(seed: 21);
    private readonly IdentityKey _alice = Key(1);
    private readonly IdentityKey _bob = Key(2);

    [Fact]
    public void Twenty_thousand_control_messages_of_any_kind_and_form_throw_nothing_and_fill_nothing()
    {
        var count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 400_000 : 20_000;
        var callee = _network.Add(new() { Identities = [_bob], SilentProbesPerMinute = 1024 }, Bob);
        var peer = new RawPeer(_network, Key(7), "203.0.113.7:7000", RoamingOptions.PeerProtocol, seed: 70);
        var random = new Random(4);
        var (connection, control, atVictims) = (default(QuicConnection), default(ControlStream), 0);
        _network.Drops = (_, to) => { atVictims += to.ToString().StartsWith("198.51.100.", StringComparison.Ordinal) ? 1 : 0; return false; };
        var connections = 0;
        var start = _network.Now;
        for (var i = 0; i < count; i++)
        {
            if (connection is null || connection.State is not (ConnectionState.Handshaking or ConnectionState.Connected))
            {
                connection = peer.Connect(_bob.Id, Bob);
                _network.RunUntil(() => connection.State is ConnectionState.Connected, TimeSpan.FromSeconds(5));
                control = new(connection);
                control.Open();
                control.Send(ControlMessage.Hello, []);
                connections++;
            }
            var (type, body) = Message(random);
            control!.Send(type, body);
            if (i % 20 == 0) { _network.Run(TimeSpan.FromMilliseconds(100)); }
        }
        var minutes = (_network.Now - start).TotalMinutes + 1;
        _network.Run(TimeSpan.FromMinutes(3));

        Assert.InRange(connections, 20, count);
        Assert.InRange(atVictims, 1, (int)(1024 * (minutes + 1))); // however many connections there were
        Assert.InRange(callee.Endpoint.PathCount, 1, 5000);
        Assert.InRange(callee.Endpoint.ConnectionCount, 0, 1);
        var caller = _network.Add(new() { Identities = [_alice] }, "192.0.2.1:1000");
        var call = caller.Endpoint.Connect(new(_bob.Id) { Addresses = [FlatNetwork.Parse(Bob)] }, _network.Now);
        _network.RunUntil(() => call.State is RoamingState.Connected, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_thousand_records_that_name_new_relays_have_few_of_them_asked_and_fewer_at_once()
    {
        var caller = _network.Add(new() { Identities = [_alice] }, "192.0.2.1:1000");
        var peer = new RawPeer(_network, _bob, Bob, RoamingOptions.PeerProtocol, seed: 70);
        var asked = new HashSet<NetworkAddress>();
        var links = 0;
        _network.Drops = (_, to) =>
        {
            if (!to.ToString().StartsWith("198.51.", StringComparison.Ordinal)) { return false; }
            links = Math.Max(links, caller.Endpoint.RelayLinkCount);
            asked.Add(to);
            return true;
        };
        var call = caller.Endpoint.Connect(new(_bob.Id) { Addresses = [FlatNetwork.Parse(Bob)] }, _network.Now);
        _network.RunUntil(() => call.State is RoamingState.Connected && peer.Controls.Values.Any(static control => control.IsOpen), TimeSpan.FromSeconds(2));
        var control = peer.Controls.Values.Single();
        for (var i = 0; i < 1000; i++)
        {
            control.Send(ControlMessage.Record, RecordWithNewRelays(_bob, i).Encoded.Span);
            _network.Run(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(RoamingState.Connected, call.State);
        Assert.Equal(1000u, call.PeerRecord!.Sequence);
        Assert.InRange(asked.Count, 40, 21 * AddressRecord.MaxRelays); // each five seconds of a hundred
        Assert.InRange(links, AddressRecord.MaxRelays, 8 * AddressRecord.MaxRelays); // what is left is kept for another half minute
        _network.Run(TimeSpan.FromMinutes(1));
        Assert.Equal(AddressRecord.MaxRelays, caller.Endpoint.RelayLinkCount);
    }

    [Fact]
    public void A_second_hello_opens_no_second_connection()
    {
        var callee = _network.Add(new() { Identities = [_bob] }, Bob);
        var peer = new RawPeer(_network, Key(7), "203.0.113.7:7000", RoamingOptions.PeerProtocol, seed: 70);
        var connection = peer.Connect(_bob.Id, Bob);
        _network.RunUntil(() => connection.State is ConnectionState.Connected, TimeSpan.FromSeconds(5));
        var control = new ControlStream(connection);
        control.Open();
        for (var i = 0; i < 1000; i++) { control.Send(ControlMessage.Hello, []); }

        _network.Run(TimeSpan.FromSeconds(2));

        Assert.True(callee.Endpoint.TryAccept(out _));
        Assert.False(callee.Endpoint.TryAccept(out _));
    }

    [Fact]
    public void Bytes_that_frame_nothing_end_the_connection_and_only_that()
    {
        var callee = _network.Add(new() { Identities = [_bob] }, Bob);
        var peer = new RawPeer(_network, Key(7), "203.0.113.7:7000", RoamingOptions.PeerProtocol, seed: 70);
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var connection = peer.Connect(_bob.Id, Bob);
            _network.RunUntil(() => connection.State is ConnectionState.Connected, TimeSpan.FromSeconds(5));
            Assert.True(connection.TryOpenStream(bidirectional: true, out var id));
            var bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            connection.Write(id, bytes, fin: true, out _);
        }

        _network.Run(TimeSpan.FromSeconds(15));

        Assert.Equal(0, callee.Endpoint.ConnectionCount);
    }

    [Fact]
    public void All_peers_together_get_so_many_extra_sockets_and_what_is_closed_can_be_had_again()
    {
        using var endpoint = new RoamingEndpoint(new() { Identities = [_bob], MaxExtraSockets = 512 }, new SeededRandomSource(1));
        var (answers, empty) = (0, 0);
        void Ask() => endpoint.OpenSockets(256, isIpv4: true, (sockets, _) => { answers++; empty += sockets.Length == 0 ? 1 : 0; }, TimeSpan.Zero);
        for (var i = 0; i < 5; i++) { Ask(); }
        Assert.Equal((3, 3), (answers, empty));

        while (endpoint.TryTakeCommand(out var command))
        {
            var open = Assert.IsType<HostCommand.OpenSockets>(command);
            endpoint.HandleSocketsOpened(open.Request, Enumerable.Range(0, 200).Select(static i => new LocalSocket(i, true, false, i)).ToArray(), TimeSpan.Zero);
        }
        Ask();
        Assert.Equal((6, 4), (answers, empty));
        for (var i = 0; i < 200; i++) { endpoint.CloseSocket(i); }
        Ask();
        Assert.Equal((6, 4), (answers, empty)); // the host is asked
    }

    private static AddressRecord RecordWithNewRelays(IdentityKey identity, int number) => AddressRecord.Sign(
        identity, (ulong)number + 1, 0,
        [.. Enumerable.Range(number * AddressRecord.MaxRelays, AddressRecord.MaxRelays).Select(static relay =>
        {
            var seed = new byte[32];
            BinaryPrimitives.WriteInt32LittleEndian(seed, relay + 1000);
            return new RelayInfo(IdentityKey.FromSeed(seed).Id, [FlatNetwork.Parse($"198.51.{relay >> 8}.{relay & 255}:443")]);
        })],
        []);

    private static (ulong Type, byte[] Body) Message(Random random)
    {
        if (random.Next(100) == 0)
        {
            var bytes = new byte[random.Next(100)];
            random.NextBytes(bytes);
            return (random.Next(2) == 0 ? (ulong)random.Next(0x20, 0x23) : (ulong)random.Next(0x20), bytes); // malformed, often the last of its connection
        }
        var body = new ArrayBufferWriter<byte>();
        switch (random.Next(4))
        {
            case 0:
                new CandidatesMessage((uint)random.Next(), (MappingClass)random.Next(4), (PeerFlags)random.Next(16), [.. Enumerable.Range(0, random.Next(33)).Select(_ =>
                    new PeerCandidate((CandidateKind)random.Next(1, 6), FlatNetwork.Parse($"198.51.100.{random.Next(1, 255)}:{random.Next(1, 65536)}")))]).Write(body);
                return (SignalType.Candidates, body.WrittenSpan.ToArray());
            case 1:
                new PunchMessage((uint)random.Next(5), (PunchStep)random.Next(1, 5)).Write(body);
                return (SignalType.Punch, body.WrittenSpan.ToArray());
            case 2:
                new BirthdayMessage((uint)random.Next(5), (BirthdayStep)random.Next(1, 6)).Write(body);
                return (SignalType.Birthday, body.WrittenSpan.ToArray());
            default: return ((ulong)random.Next(0x40, 0x4000), new byte[random.Next(2000)]);
        }
    }

    private static IdentityKey Key(byte seed) => IdentityKey.FromSeed([.. Enumerable.Repeat(seed, 32)]);
}
