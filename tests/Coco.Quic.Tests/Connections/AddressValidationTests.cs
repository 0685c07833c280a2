using Coco.Quic.Connections;
using Coco.Quic.Packets;
using Coco.Quic.Paths;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Connections;

/// <summary>Retry, tokens, anti-amplification and migration (RFC 9000 §8, §9, §17.2.5).</summary>
public sealed class AddressValidationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact] // RFC 9000 §8.1.2
    public void Retry_costs_a_round_trip_and_keeps_no_state()
    {
        using var pair = new SimulatedPair(server: static options => options with { AddressValidation = AddressValidation.Always });
        pair.Network.RunFor(TimeSpan.FromMilliseconds(15));
        Assert.Equal((0, 0), (pair.Network.Server.ConnectionCount, pair.Network.Server.TableSize));
        pair.Connect();
        Assert.Equal(ConnectionState.Connected, pair.Server!.State);
    }

    [Theory] // RFC 9000 §17.2.5.2: a Retry that does not verify, or a second one, is discarded
    [InlineData(true)]
    [InlineData(false)]
    public void A_forged_or_second_retry_is_discarded(bool forged)
    {
        using var pair = new SimulatedPair(server: static options => options with { AddressValidation = AddressValidation.Always });
        byte[]? retry = null;
        pair.Network.Filter = (side, _, datagram) =>
        {
            if (side == 1 && retry is null)
            {
                retry = [.. datagram];
                if (forged) { datagram[^1] ^= 1; }
            }
            return true;
        };
        if (!forged)
        {
            pair.Network.RunFor(TimeSpan.FromMilliseconds(25));
            pair.Network.Inject(0, new PathId(1), retry!);
        }
        pair.Connect();
        Assert.True(forged == pair.Network.Now > TimeSpan.FromSeconds(1.9)); // a discarded first one costs a timeout
    }

    [Fact] // RFC 9000 §8.1.3, §8.1.4: a token is for one address and for some time
    public void A_token_spares_the_next_retry_from_the_same_address_only()
    {
        using var pair = new SimulatedPair(server: static options => options with { AddressValidation = AddressValidation.Always, IssueTokens = true }).Connect();
        pair.Network.RunFor(Second);
        Assert.False(pair.Client.ReceivedToken.IsEmpty);
        var token = pair.Client.ReceivedToken;
        var initial = pair.Network.Server.ConnectionCount;
        Assert.True(IsAcceptedAtOnce(addressTag: 0, pair.Network.Now));
        Assert.False(IsAcceptedAtOnce(addressTag: 5, pair.Network.Now));
        Assert.False(IsAcceptedAtOnce(addressTag: 0, pair.Network.Now + TimeSpan.FromHours(25)));
        Assert.True(initial > 0);

        bool IsAcceptedAtOnce(ulong addressTag, TimeSpan now)
        {
            var buffer = new byte[2000];
            using var client = new QuicEndpoint(pair.Network.Client.Options, new Crypto.SeededRandomSource(5 + addressTag));
            var path = new PathInfo(new PathId(3), AddressTag: addressTag);
            using var connection = client.Connect(path, new(pair.ServerId, pair.Network.Client.Options.Identities[0]) { Token = token }, now);
            var before = pair.Network.Server.ConnectionCount;
            while (client.TryTakeTransmit(buffer, now, out var transmit)) { pair.Network.Server.HandleDatagram(path, buffer.AsSpan(0, transmit.Length), default, now); }
            var accepted = pair.Network.Server.ConnectionCount > before;
            while (pair.Network.Server.TryTakeTransmit(buffer, now, out _)) { }
            return accepted;
        }
    }

    [Theory] // RFC 9000 §8.1: whatever the client sends, three times that at most before it is validated
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_server_sends_no_more_than_three_times_what_it_got_before_validation(ulong seed)
    {
        using var pair = new SimulatedPair(seed);
        long sent = 0, received = 0;
        pair.Network.Filter = (side, _, datagram) =>
        {
            if (side == 0) { received += datagram.Length; return true; }
            sent += datagram.Length;
            Assert.True(sent <= 3 * received, $"{sent} sent for {received}");
            return false; // the client never hears, so that its address stays unproved
        };
        pair.Network.RunFor(60 * Second);
        Assert.True(sent > 0);
    }

    [Fact] // RFC 9000 §9.3, §9.3.1, §9.3.2: an attacker that moves packets to a spoofed address gets little and keeps nothing
    public void Migration_to_a_spoofed_address_is_limited_and_undone()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        var spoofed = new PathId(66);
        var isStealing = true;
        long stolen = 0, answered = 0;
        pair.Network.Translate = (side, path) => side == 0 && isStealing ? spoofed : path;
        pair.Network.Filter = (side, path, datagram) =>
        {
            if (side == 0 && isStealing) { stolen += datagram.Length; return true; }
            if (side == 1 && path == spoofed)
            {
                answered += datagram.Length;
                Assert.True(answered <= 3 * stolen, $"{answered} sent for {stolen}");
                return false;
            }
            return true;
        };
        pair.Server!.TryOpenStream(bidirectional: false, out var id);
        pair.Server.Write(id, new byte[500_000], fin: false, out _);
        pair.Client.Ping();
        pair.Network.RunFor(TimeSpan.FromMilliseconds(11));
        isStealing = false;
        pair.Network.RunFor(10 * Second);
        Assert.Equal(new PathId(1), pair.Server.ActivePath);
        Assert.DoesNotContain(spoofed, pair.Server.Paths);
        Assert.True(pair.Server.Statistics.BytesSent > 400_000);
    }

    [Fact] // RFC 9000 §9: a NAT gives the client another port in the middle of a transfer
    public void A_connection_survives_its_NAT()
    {
        using var pair = new SimulatedPair().Connect();
        var nat = new NatTable();
        pair.Network.Translate = nat.Translate;
        pair.Network.Filter = (side, path, _) => nat.Translate(side, path).Value >= 0;
        for (var i = 0; i < 5; i++)
        {
            nat.Rebind(new PathId(1));
            pair.Transfer(pair.Client, pair.Server!, 100_000 + i);
            pair.Transfer(pair.Server!, pair.Client, 100_100 + i);
            Assert.Equal(nat.Outside(new PathId(1)), pair.Server!.ActivePath);
        }
    }

    [Theory] // DESIGN.md "Migration": either side moves the live connection, with abandonment or without
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Either_side_moves_the_connection(bool byClient, bool abandonOld)
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        var (mover, other) = byClient ? (pair.Client, pair.Server!) : (pair.Server!, pair.Client);
        Assert.True(mover.TryProbePath(pair.Network.Path(2), pair.Network.Now));
        Assert.False(mover.TrySwitchPath(new PathId(2), pair.Network.Now)); // not proved yet
        Assert.True(pair.Network.RunUntil(() => pair.Seen(mover, ConnectionEventKind.PathValidated)));
        Assert.Equal(new PathId(1), other.ActivePath); // a probe moves nobody (RFC 9000 §9.1)
        Assert.True(mover.TrySwitchPath(new PathId(2), pair.Network.Now, abandonOld));
        pair.Transfer(mover, other, 200_000);
        pair.Transfer(other, mover, 200_001);
        Assert.Equal((new PathId(2), new PathId(2)), (mover.ActivePath, other.ActivePath));
        Assert.NotEqual(0UL, ConnectionInternals.Active(mover).RemoteConnectionId); // RFC 9000 §9.5: another connection ID
        Assert.NotEqual(0UL, ConnectionInternals.Active(other).RemoteConnectionId);
    }

    [Fact] // RFC 9000 §9: a server does not migrate, and a client does not follow, unless both said so
    public void A_server_may_not_move_without_our_transport_parameter()
    {
        using var pair = new SimulatedPair(client: static options => options with { Connection = new() { SymmetricMigration = false } }).Connect();
        pair.Network.RunFor(Second);
        Assert.False(pair.Server!.MayMigrate);
        Assert.False(pair.Server.TryProbePath(pair.Network.Path(2), pair.Network.Now));
        Assert.True(pair.Client.MayMigrate);
        var received = pair.Client.Statistics.PacketsReceived;
        new Rogue(pair, isClient: false).Send([1], new PathId(2));
        Assert.Equal((received, new PathId(1)), (pair.Client.Statistics.PacketsReceived, pair.Client.ActivePath));
    }

    [Fact] // RFC 9000 §8.2.1, §8.2.2: challenge and answer fill 1,200 bytes, the answer goes back where the challenge came from
    public void Probes_are_full_size_and_answered_on_their_path()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        var seen = new List<(int Side, int Path, int Length)>();
        pair.Network.Filter = (side, path, datagram) => { if (path.Value == 2) { seen.Add((side, path.Value, datagram.Length)); } return true; };
        Assert.True(pair.Client.TryProbePath(pair.Network.Path(2), pair.Network.Now));
        pair.Network.RunFor(Second);
        Assert.Contains((0, 2, 1200), seen);
        Assert.Contains((1, 2, 1200), seen);
        Assert.All(seen, static datagram => Assert.Equal(1200, datagram.Length));
    }

    [Fact] // RFC 9000 §8.2.4: a path that does not answer is given up, the connection goes on
    public void A_path_that_does_not_answer_fails()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        pair.Network.Filter = static (_, path, _) => path.Value != 2;
        Assert.True(pair.Client.TryProbePath(pair.Network.Path(2), pair.Network.Now));
        pair.Network.RunFor(10 * Second);
        Assert.True(pair.Seen(pair.Client, ConnectionEventKind.PathFailed));
        Assert.DoesNotContain(new PathId(2), pair.Client.Paths);
        pair.Transfer(pair.Client, pair.Server!, 10_000);
    }

    [Fact] // RFC 9000 §8.2.1: a path proved with small datagrams is asked again with large ones
    public void A_path_first_asked_by_a_short_challenge_is_asked_again_at_full_size()
    {
        using var pair = new SimulatedPair().Connect();
        var nat = new NatTable();
        pair.Network.Translate = nat.Translate;
        var challenges = new List<int>();
        pair.Network.Filter = (side, path, datagram) => { if (side == 1 && path.Value >= 1000) { challenges.Add(datagram.Length); } return nat.Translate(side, path).Value >= 0; };
        pair.Network.RunFor(Second);
        nat.Rebind(new PathId(1));
        pair.Client.Ping();
        pair.Network.RunFor(10 * Second);
        Assert.True(challenges[0] < 1200);
        Assert.Contains(1200, challenges);
    }

    [Theory] // RFC 9000 §6.2
    [InlineData(0x1a2a3a4aU, true)]
    [InlineData(1U, false)] // it lists what we speak: ignored
    public void Version_negotiation_ends_the_attempt_unless_it_lists_our_version(uint version, bool ends)
    {
        using var pair = new SimulatedPair();
        byte[]? first = null;
        pair.Network.Filter = (side, _, datagram) => { if (side == 0 && first is null) { first = [.. datagram]; return false; } return true; };
        pair.Network.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.True(InvariantHeader.TryParse(first, out var header));
        byte[] packet = [0x80, 0, 0, 0, 0, (byte)header.SourceConnectionId.Length, .. header.SourceConnectionId,
            (byte)header.DestinationConnectionId.Length, .. header.DestinationConnectionId, (byte)(version >> 24), (byte)(version >> 16), (byte)(version >> 8), (byte)version];
        var forged = packet.ToArray();
        forged[^6] ^= 1; // another Source Connection ID: not an answer to what was sent
        pair.Network.Inject(0, new PathId(1), forged);
        pair.Network.RunFor(TimeSpan.FromMilliseconds(20));
        Assert.Equal(ConnectionState.Handshaking, pair.Client.State);
        pair.Network.Inject(0, new PathId(1), packet);
        pair.Network.RunFor(TimeSpan.FromMilliseconds(20));
        Assert.Equal(ends, pair.Client.CloseReason is { Kind: CloseKind.VersionNegotiation });
        if (!ends)
        {
            pair.Connect();
            packet[^1] ^= 7;
            pair.Network.Inject(0, new PathId(1), packet); // too late
            pair.Network.RunFor(Second);
            Assert.Equal(ConnectionState.Connected, pair.Client.State);
        }
    }
}
