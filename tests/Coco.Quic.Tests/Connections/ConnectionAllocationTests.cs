using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Quic.Paths;
using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Connections;

/// <summary>What packets and idle connections cost in memory.</summary>
[Collection(nameof(ConnectionAllocationTests))]
[CollectionDefinition(nameof(ConnectionAllocationTests), DisableParallelization = true)]
public sealed class ConnectionAllocationTests
{
    private const int LeastPackets = 20_000;

    [Theory]
    [InlineData(CongestionAlgorithm.NewReno)]
    [InlineData(CongestionAlgorithm.Cubic)]
    [InlineData(CongestionAlgorithm.Bbr)]
    public void A_bulk_transfer_allocates_nothing_per_packet(CongestionAlgorithm congestion)
    {
        using var wire = new BareWire(new() { Congestion = congestion });
        wire.Connect();
        Assert.True(wire.Client.TryOpenStream(bidirectional: false, out var id));
        wire.Pump(id, LeastPackets); // warms pools up
        var packets = wire.Client.Statistics.PacketsSent + wire.Server.Statistics.PacketsSent;
        var before = GC.GetAllocatedBytesForCurrentThread();
        wire.Pump(id, LeastPackets);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        packets = wire.Client.Statistics.PacketsSent + wire.Server.Statistics.PacketsSent - packets;
        Assert.True(packets >= LeastPackets);
        Assert.True(allocated < packets / 10, $"{allocated} bytes for {packets} packets");
    }

    [Fact]
    public void An_idle_connection_takes_less_than_8_KB_on_each_side()
    {
        const int Connections = 1000;
        using var wire = new BareWire(new() { IdleTimeout = TimeSpan.FromHours(1) });
        for (var i = 0; i < 10; i++) { wire.Connect(); }
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Connections; i++) { wire.Connect(); }
        wire.RunFor(TimeSpan.FromSeconds(5));
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (2.0 * Connections);
        TestContext.Current.TestOutputHelper?.WriteLine($"{each:F0} bytes per side");
        Figures.Add("memory of an idle connection, each side", $"{each:F0} bytes");
        Assert.True(each < 8192, $"{each:F0} bytes");
        GC.KeepAlive(wire);
    }

    /// <summary>Two endpoints that hand each other their buffers, with a clock and nothing else.</summary>
    private sealed class BareWire : IDisposable
    {
        private static readonly PathInfo Path = new(new PathId(1));
        private readonly IdentityKey _clientKey = IdentityKey.Generate(new SeededRandomSource(1));
        private readonly IdentityKey _serverKey = IdentityKey.Generate(new SeededRandomSource(2));
        private readonly List<QuicConnection> _all = [];
        private readonly QuicEndpoint _client;
        private readonly QuicEndpoint _server;
        private readonly byte[] _buffer = new byte[65536];
        private TimeSpan _now = TimeSpan.FromSeconds(1);

        public BareWire(QuicOptions options)
        {
            _client = new(new() { Identities = [_clientKey], AcceptConnections = false, Connection = options }, new SeededRandomSource(3));
            _server = new(new() { Identities = [_serverKey], Connection = options }, new SeededRandomSource(4));
        }

        public QuicConnection Client => _all[^2];

        public QuicConnection Server => _all[^1];

        public void Connect()
        {
            _all.Add(_client.Connect(Path, new(_serverKey.Id, _clientKey), _now));
            for (var i = 0; i < 20; i++) { Turn(); }
            Assert.True(_server.TryAccept(out var accepted));
            _all.Add(accepted);
            while (Client.TryTakeEvent(out _) || Server.TryTakeEvent(out _)) { }
        }

        /// <summary>Writes to a stream and reads it at the other side until so many packets were sent.</summary>
        public void Pump(long id, int packets)
        {
            var target = Client.Statistics.PacketsSent + packets;
            var turns = 0;
            while (Client.Statistics.PacketsSent < target)
            {
                Assert.True(++turns < 1_000_000, "the transfer stands still");
                while (Client.GetWriteSpan(id) is { IsEmpty: false } room) { Client.AdvanceWrite(id, room.Length, fin: false); }
                Turn();
                while (Server.TryTakeStreamEvent(out _)) { }
                while (Client.TryTakeStreamEvent(out _)) { }
                while (Server.Read(id, _buffer, out _, out _).Status == StreamReadStatus.Ok) { }
            }
        }

        public void RunFor(TimeSpan time)
        {
            for (var end = _now + time; _now < end; _now += TimeSpan.FromMilliseconds(20)) { Turn(); }
        }

        public void Dispose()
        {
            foreach (var connection in _all) { connection.Dispose(); }
            _client.Dispose();
            _server.Dispose();
            _clientKey.Dispose();
            _serverKey.Dispose();
        }

        private void Turn()
        {
            Carry(_client, _server);
            _now += TimeSpan.FromMilliseconds(1);
            Carry(_server, _client);
            _now += TimeSpan.FromMilliseconds(1);
        }

        private void Carry(QuicEndpoint from, QuicEndpoint to)
        {
            from.HandleTimeout(_now);
            while (from.TryTakeTransmit(_buffer, _now, out var transmit))
            {
                for (var at = 0; at < transmit.Length; at += transmit.SegmentSize)
                {
                    to.HandleDatagram(Path, _buffer.AsSpan(at, Math.Min(transmit.SegmentSize, transmit.Length - at)), transmit.Ecn, _now);
                }
            }
        }
    }
}
