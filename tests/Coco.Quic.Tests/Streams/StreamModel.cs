using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

/// <summary>Two applications and a network that drops, delays, reorders and repeats packets, all drawn from one seed.</summary>
internal sealed class StreamModel
{
    private readonly Random _random;
    private readonly StreamOptions _options;
    private readonly StreamPair _pair;
    private readonly ModelSide _client;
    private readonly ModelSide _server;
    private readonly List<SentPacket> _toServer = [];
    private readonly List<SentPacket> _toClient = [];
    private readonly List<(SentPacket Packet, bool Arrived)> _clientFates = [];
    private readonly List<(SentPacket Packet, bool Arrived)> _serverFates = [];
    private readonly List<(SentPacket Packet, StreamSet Sender)> _late = [];
    private readonly int _lossPercent;
    private long _now;

    public StreamModel(int seed)
    {
        _random = new(seed);
        _lossPercent = _random.Next(3) == 0 ? 0 : _random.Next(50);
        var window = 1 << _random.Next(11, 17);
        _options = new()
        {
            InitialStreamWindow = window,
            MaxStreamWindow = window * _random.Next(1, 9),
            InitialConnectionWindow = window * _random.Next(1, 4),
            MaxConnectionWindow = window * 12,
            MaxBidirectionalStreams = _random.Next(0, 8),
            MaxUnidirectionalStreams = _random.Next(1, 8),
            SendBufferSize = 1 << _random.Next(10, 17),
        };
        _pair = new(_options);
        var isGentle = _random.Next(2) == 0;
        _client = new(_random, _pair.Client, isClient: true, isGentle);
        _server = new(_random, _pair.Server, isClient: false, isGentle);
    }

    public void Run()
    {
        for (var step = 0; step < 1500; step++) { Step(isFinishing: step > 1000); }
        for (var round = 0; round < 3000 && !IsQuiet(); round++)
        {
            _client.FinishAll();
            _server.FinishAll();
            Exchange(_pair.Client, _toServer, size: 1200);
            Exchange(_pair.Server, _toClient, size: 1200);
            Network(_toServer, _clientFates, _pair.Server, lossPercent: 0);
            Network(_toClient, _serverFates, _pair.Client, lossPercent: 0);
            Settle(_clientFates, _pair.Client);
            Settle(_serverFates, _pair.Server);
        }
        Assert.True(IsQuiet(), "did not come to rest");
        CheckDelivered(_client, _server);
        CheckDelivered(_server, _client);
        CheckReleased();
    }

    private void Step(bool isFinishing)
    {
        _now += _random.Next(100);
        _client.Act(isFinishing);
        _server.Act(isFinishing);
        if (_random.Next(2) == 0) { Exchange(_pair.Client, _toServer, _random.Next(30, 1500)); }
        if (_random.Next(2) == 0) { Exchange(_pair.Server, _toClient, _random.Next(30, 1500)); }
        Network(_toServer, _clientFates, _pair.Server, _lossPercent);
        Network(_toClient, _serverFates, _pair.Client, _lossPercent);
        if (_random.Next(2) == 0) { Settle(_clientFates, _pair.Client); }
        if (_random.Next(2) == 0) { Settle(_serverFates, _pair.Server); }
        if (_random.Next(4) == 0)
        {
            foreach (var (packet, sender) in _late) { packet.Ack(sender); }
            _late.Clear();
        }
        CheckMemory(_pair.ClientPool, _pair.Client);
        CheckMemory(_pair.ServerPool, _pair.Server);
    }

    private void Exchange(StreamSet from, List<SentPacket> flight, int size)
    {
        if (SentPacket.TryTake(from, size, _now, rtt: 200) is { } packet) { flight.Add(packet); }
    }

    // A packet is delivered, dropped, or delivered and left in flight to come again; any packet, so they overtake each other.
    private void Network(List<SentPacket> flight, List<(SentPacket Packet, bool Arrived)> fates, StreamSet to, int lossPercent)
    {
        for (var count = _random.Next(3); count > 0 && flight.Count > 0; count--)
        {
            var index = _random.Next(flight.Count);
            var packet = flight[index];
            if (_random.Next(100) < lossPercent)
            {
                flight.RemoveAt(index);
                fates.Add((packet, false));
                continue;
            }
            Assert.Equal(QuicErrorCode.NoError, StreamFrames.Deliver(packet.Bytes, to));
            if (_random.Next(10) == 0) { continue; }
            flight.RemoveAt(index);
            fates.Add((packet, true));
        }
    }

    // An acknowledgement can be lost too, or late: then what arrived is taken for lost and goes out again.
    private void Settle(List<(SentPacket Packet, bool Arrived)> fates, StreamSet sender)
    {
        for (var count = _random.Next(4); count > 0 && fates.Count > 0; count--)
        {
            var index = _random.Next(fates.Count);
            var (packet, arrived) = fates[index];
            fates.RemoveAt(index);
            if (arrived && _random.Next(100) >= _lossPercent)
            {
                packet.Ack(sender);
                continue;
            }
            packet.Lose(sender);
            if (arrived && _random.Next(2) == 0) { _late.Add((packet, sender)); }
        }
    }

    private bool IsQuiet() =>
        _toServer.Count + _toClient.Count + _clientFates.Count + _serverFates.Count == 0
        && !_pair.Client.HasEvents && !_pair.Server.HasEvents
        && !_pair.Client.HasControl && !_pair.Server.HasControl
        && !_pair.Client.HasData && !_pair.Server.HasData
        && _pair.Client.Count == 0 && _pair.Server.Count == 0;

    private static void CheckDelivered(ModelSide sender, ModelSide receiver)
    {
        foreach (var sent in sender.All.Values)
        {
            Assert.True(sent.Closed);
            if (!receiver.All.TryGetValue(sent.Id, out var received))
            {
                Assert.Equal(0, sent.Written);
                continue;
            }
            Assert.True(received.Read <= sent.Written);
            if (received.FinRead) { Assert.Equal(sent.Written, received.Read); }
            if (received.ResetSeen) { Assert.True(sent.ResetSent || sent.Stopped); }
            if (sent.Stopped) { Assert.True(received.StopSent); }
            if (sent.FinWritten && !sent.ResetSent && !sent.Stopped)
            {
                Assert.True(sent.SendFinished);
                Assert.True(received.FinRead || received.StopSent, $"stream {sent.Id} not read to its end");
            }
        }
    }

    private void CheckReleased()
    {
        Assert.Equal(0, _pair.ClientPool.RentedBlocks);
        Assert.Equal(0, _pair.ServerPool.RentedBlocks);
        Assert.Equal(_pair.Client.BytesSent, _pair.Server.BytesReceived);
        Assert.Equal(_pair.Server.BytesSent, _pair.Client.BytesReceived);
        Assert.Equal(_pair.Server.BytesReceived, _pair.Server.BytesConsumed);
        Assert.Equal(_pair.Client.BytesReceived, _pair.Client.BytesConsumed);
    }

    // A block straddles each end of what a stream holds: that, and no more, is what buffers may cost beyond the limits.
    private void CheckMemory(StreamPool pool, StreamSet set)
    {
        var receive = _options.MaxConnectionWindow / StreamPool.BlockSize + 2 * set.Count;
        var send = set.Count * (_options.SendBufferSize / StreamPool.BlockSize + 2);
        Assert.True(pool.RentedBlocks <= receive + send, $"{pool.RentedBlocks} blocks for {set.Count} streams");
    }
}
