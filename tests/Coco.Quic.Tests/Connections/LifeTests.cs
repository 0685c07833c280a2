using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Packets;
using Coco.Quic.Paths;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Connections;

/// <summary>Idle timeouts, keep-alive, closing, resets (RFC 9000 §10) and key updates (RFC 9001 §6).</summary>
public sealed class LifeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory] // RFC 9000 §10.1: the lower of both ends' timeouts counts, on both
    [InlineData(5, 60)]
    [InlineData(60, 5)]
    public void Both_sides_give_up_after_the_lower_idle_timeout(int client, int server)
    {
        using var pair = new SimulatedPair(
            client: options => options with { Connection = new() { IdleTimeout = client * Second } },
            server: options => options with { Connection = new() { IdleTimeout = server * Second } }).Connect();
        pair.Network.RunFor(Second);
        pair.Network.Filter = static (_, _, _) => false;
        pair.Network.RunFor(3 * Second);
        Assert.Equal(ConnectionState.Connected, pair.Client.State);
        pair.Network.RunFor(4 * Second);
        Assert.Equal((CloseKind.IdleTimeout, CloseKind.IdleTimeout), (pair.Client.CloseReason!.Kind, pair.Server!.CloseReason!.Kind));
        Assert.Equal((0, 0), (pair.Network.Client.TableSize, pair.Network.Server.TableSize));
    }

    [Fact] // RFC 9000 §10.1.2
    public void Keep_alive_holds_a_quiet_connection_with_one_ping_per_interval()
    {
        using var pair = new SimulatedPair(client: options => options with { Connection = new() { IdleTimeout = 10 * Second, KeepAlive = 4 * Second } }).Connect();
        pair.Network.RunFor(Second);
        var sent = pair.Client.Statistics.PacketsSent;
        pair.Network.RunFor(400 * Second);
        Assert.Equal(ConnectionState.Connected, pair.Server!.State);
        Assert.InRange(pair.Client.Statistics.PacketsSent - sent, 90, 110);
    }

    [Fact]
    public void Silence_is_long_where_nothing_was_asked_and_short_where_something_was()
    {
        var options = new QuicOptions { IdleTimeout = 600 * Second, AnswerTimeout = 20 * Second };
        using var pair = new SimulatedPair(client: given => given with { Connection = options }, server: given => given with { Connection = options }).Connect();
        pair.Network.RunFor(Second);
        pair.Network.Filter = static (_, _, _) => false;
        pair.Network.RunFor(500 * Second);
        Assert.Equal((ConnectionState.Connected, ConnectionState.Connected), (pair.Client.State, pair.Server!.State));

        pair.Client.Ping();
        pair.Network.RunFor(19 * Second);
        Assert.Equal(ConnectionState.Connected, pair.Client.State);
        pair.Network.RunFor(2 * Second);
        Assert.Equal((CloseKind.IdleTimeout, ConnectionState.Connected), (pair.Client.CloseReason!.Kind, pair.Server.State));
    }

    [Fact] // an unanswered keep-alive must not be sent again and again
    public void Keep_alive_into_the_void_is_no_flood()
    {
        using var pair = new SimulatedPair(client: options => options with { Connection = new() { IdleTimeout = 100 * Second, KeepAlive = 4 * Second } }).Connect();
        pair.Network.RunFor(Second);
        pair.Network.Filter = static (_, _, _) => false;
        var sent = pair.Client.Statistics.PacketsSent;
        pair.Network.RunFor(200 * Second);
        Assert.Equal(CloseKind.IdleTimeout, pair.Client.CloseReason!.Kind);
        Assert.InRange(pair.Client.Statistics.PacketsSent - sent, 5, 60);
    }

    [Fact] // RFC 9000 §10.2.1: repeats of the close are limited in rate; §10.2.2: draining sends nothing
    public void A_closed_connection_repeats_its_close_less_and_less_often()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        var rogue = new Rogue(pair, isClient: true);
        pair.Server!.Close(7, "enough", pair.Network.Now);
        pair.Network.Filter = static (side, _, _) => side == 0; // the client does not hear of it
        pair.Network.RunFor(TimeSpan.FromMilliseconds(1));
        var sent = pair.Server.Statistics.PacketsSent;
        for (var i = 0; i < 1000; i++)
        {
            rogue.Inject(rogue.Seal(EncryptionLevel.OneRtt, [1]));
            pair.Network.RunFor(TimeSpan.FromTicks(TimeSpan.TicksPerMillisecond / 10));
        }
        Assert.InRange(pair.Server.Statistics.PacketsSent - sent, 1, 8);
        pair.Network.RunFor(Second);
        Assert.Equal(ConnectionState.Closed, pair.Server.State);
    }

    [Fact] // RFC 9000 §10.2.2
    public void A_draining_connection_is_silent()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        var rogue = new Rogue(pair, isClient: true);
        pair.Client.Close(7, "enough", pair.Network.Now);
        Assert.True(pair.Network.RunUntil(() => pair.Server!.State == ConnectionState.Draining));
        Assert.Equal((CloseKind.PeerApplication, 7UL, "enough"), (pair.Server!.CloseReason!.Kind, pair.Server.CloseReason.Code, pair.Server.CloseReason.Message));
        var sent = pair.Network.BytesSent[1];
        rogue.Inject(rogue.Seal(EncryptionLevel.OneRtt, [1]));
        pair.Network.RunFor(TimeSpan.FromMilliseconds(20));
        Assert.Equal(sent, pair.Network.BytesSent[1]);
    }

    [Fact] // RFC 9000 §10.2.3: no word of the application's before its keys are there
    public void An_application_that_closes_in_the_handshake_does_not_show_why()
    {
        using var pair = new SimulatedPair();
        pair.Network.RunFor(TimeSpan.FromMilliseconds(5));
        pair.Client.Close(99, "secret", pair.Network.Now);
        QuicConnection? server = null;
        pair.Network.RunFor(Second);
        Assert.False(pair.Network.Server.TryAccept(out server));
        Assert.Null(server);
        pair.Network.RunFor(60 * Second);
        Assert.Equal((0, 0), (pair.Network.Server.ConnectionCount, pair.Network.Server.TableSize));
    }

    [Fact] // RFC 9000 §10.3: the token of a restarted peer ends the connection, a forged one does not
    public void A_restarted_peer_is_noticed_and_a_forged_reset_is_not_believed()
    {
        var resetKey = new byte[32];
        resetKey[0] = 7;
        using var pair = new SimulatedPair(server: options => options with { StatelessResetKey = resetKey }).Connect();
        pair.Network.RunFor(Second);
        var forged = new byte[60];
        Random.Shared.NextBytes(forged);
        forged[0] = 0x40;
        pair.Network.Inject(0, new PathId(1), forged);
        pair.Network.RunFor(Second);
        Assert.Equal(ConnectionState.Connected, pair.Client.State);

        using var restarted = new QuicEndpoint(pair.Network.Server.Options, new SeededRandomSource(77));
        pair.Network.Endpoints[1] = restarted;
        pair.Client.TryOpenStream(bidirectional: false, out var id);
        pair.Client.Write(id, new byte[100], fin: false, out _);
        Assert.True(pair.Network.RunUntil(() => pair.Client.State == ConnectionState.Closed, 5 * Second));
        Assert.Equal(CloseKind.StatelessReset, pair.Client.CloseReason!.Kind);
        Assert.Equal(0, pair.Network.Client.TableSize);
    }

    [Theory] // RFC 9001 §6: either side, also at once, and again after an acknowledgement
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Keys_are_updated_again_and_again_under_traffic(bool client, bool server)
    {
        using var pair = new SimulatedPair(link: new() { Reorder = 0.2, Loss = 0.05, Duplicate = 0.05 }).Connect();
        for (var i = 0; i < 20; i++)
        {
            if (client) { pair.Client.TryUpdateKeys(); }
            if (server) { pair.Server!.TryUpdateKeys(); }
            pair.Transfer(pair.Client, pair.Server!, 30_000 + i);
            pair.Transfer(pair.Server!, pair.Client, 30_100 + i);
        }
        Assert.True(pair.Client.KeyUpdates >= 10, $"{pair.Client.KeyUpdates} updates");
        Assert.Equal(pair.Client.KeyUpdates, pair.Server!.KeyUpdates);
    }

    [Fact] // RFC 9001 §6.1: not before the last update is acknowledged
    public void A_second_update_waits_for_the_first()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        Assert.True(pair.Client.TryUpdateKeys());
        Assert.False(pair.Client.TryUpdateKeys());
        pair.Network.RunFor(5 * Second);
        Assert.Equal((1, 1), (pair.Client.KeyUpdates, pair.Server!.KeyUpdates));
        Assert.True(pair.Client.TryUpdateKeys());
    }

    [Fact] // RFC 9001 §6.2: a peer that updates before it could have our acknowledgement
    public void Two_updates_in_a_row_are_an_error()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        var rogue = new Rogue(pair, isClient: true);
        var first = ConnectionInternals.Data(pair.Client).WriteKeys!.DeriveNext();
        var second = first.DeriveNext();
        // Both arrive before the server has had a chance to send.
        var one = rogue.Seal(EncryptionLevel.OneRtt, [0, 0], firstByte: 0x04, keys: first);
        var two = rogue.Seal(EncryptionLevel.OneRtt, [0, 0], keys: second);
        pair.Network.Server.HandleDatagram(pair.Network.Path(1), one, default, pair.Network.Now);
        Assert.Equal(1, pair.Server!.KeyUpdates);
        pair.Network.Server.HandleDatagram(pair.Network.Path(1), two, default, pair.Network.Now);
        Assert.Equal((CloseKind.LocalTransport, (ulong)QuicErrorCode.KeyUpdateError), (pair.Server.CloseReason!.Kind, pair.Server.CloseReason.Code));
    }

    [Fact] // RFC 9001 §6.3: a forged phase bit costs nothing and changes nothing
    public void A_forged_key_phase_is_no_update()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        var rogue = new Rogue(pair, isClient: true);
        for (var i = 0; i < 100; i++) { rogue.Inject(rogue.Seal(EncryptionLevel.OneRtt, [1], firstByte: 0x04)); }
        pair.Network.RunFor(Second);
        Assert.Equal(0, pair.Server!.KeyUpdates);
        rogue.AssertOpen();
        pair.Transfer(pair.Client, pair.Server, 10_000);
    }

    [Fact] // RFC 9001 §4.9: keys go as soon as they are not needed
    public void Handshake_keys_are_dropped_on_confirmation()
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(Second);
        foreach (var connection in new[] { pair.Client, pair.Server! })
        {
            Assert.Null(ConnectionInternals.Initial(connection));
            Assert.Null(ConnectionInternals.Handshake(connection));
        }
    }

    [Fact] // RFC 9000 §7.3: connection IDs are authenticated by the transport parameters
    public void Connection_ids_that_do_not_match_the_transport_parameters_are_an_error()
    {
        foreach (var tamper in new Action<QuicConnection>[]
        {
            static connection => ConnectionInternals.OriginalDestinationId(connection) = new([1, 2, 3, 4, 5, 6, 7, 8]),
            static connection => (ConnectionInternals.WasRetried(connection), ConnectionInternals.RetrySourceId(connection)) = (true, new([1, 2])),
        })
        {
            using var pair = new SimulatedPair();
            pair.Network.RunFor(TimeSpan.FromMilliseconds(5));
            tamper(pair.Client);
            Assert.True(pair.Network.RunUntil(() => pair.Client.CloseReason is not null));
            Assert.Equal((CloseKind.LocalTransport, (ulong)QuicErrorCode.TransportParameterError), (pair.Client.CloseReason!.Kind, pair.Client.CloseReason.Code));
        }
    }
}
