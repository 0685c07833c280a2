using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

/// <summary>
/// A sender with endless data, or as much as its application makes, and its receiver, which acknowledges every second packet at once and a lone one after 25 ms.
/// Loss is detected as RFC 9002 §6 says; what is lost is not sent again, since only rates matter here.
/// </summary>
internal sealed class SimulatedFlow(BottleneckSimulation simulation, CongestionAlgorithm algorithm, long start)
{
    public const int PacketSize = 1452;
    private const long MaxAckDelay = 25 * TimeSpan.TicksPerMillisecond;

    private readonly List<SentPacket> _sent = [];
    private readonly List<int> _unreported = [];
    private RttEstimator _rtt;
    private Pacer _pacer;
    private int _oldest;
    private int _largestAcked = -1;
    private long _wakeAt = long.MaxValue;
    private long _lastSent;
    private long _lossTime = long.MaxValue;
    private double _queueDelaySum;
    private int _timeouts;
    private bool _hasMark;

    public CongestionController Controller { get; } = CongestionController.Create(algorithm, PacketSize);

    /// <summary>What the application produces, in bytes per tick.</summary>
    public double ApplicationRate { get; set; } = double.PositiveInfinity;

    public CongestionAlgorithm Algorithm => algorithm;

    public long Start => start;

    public long Received { get; private set; }

    public long Lost { get; private set; }

    public double LostShare => (double)Lost / _sent.Count;

    public double MeanQueueMs => _queueDelaySum / (Received / (double)PacketSize) / TimeSpan.TicksPerMillisecond;

    public void HandleStart(long now)
    {
        _lastSent = now;
        // A handshake measured the round trip before any data.
        _rtt.Update(2 * simulation.Link.OneWayDelay, 0, handshakeConfirmed: false, MaxAckDelay);
        _pacer.SetRate(Controller.PacingRate(_rtt), PacketSize, now);
        SendAll(now);
    }

    public void HandleWake(long now)
    {
        if (now < _wakeAt)
        {
            return;
        }

        _wakeAt = long.MaxValue;
        DetectLoss(now, new AckBatch(Controller, now));
        if (Controller.BytesInFlight > 0 && now >= _lastSent + (_rtt.PtoBase(MaxAckDelay) << _timeouts))
        {
            _timeouts++;
            Send(now);
            Send(now);
        }

        SendAll(now);
    }

    public void HandleArrival(int packet, bool isMarked, long now)
    {
        _hasMark |= isMarked;
        Received += PacketSize;
        _unreported.Add(packet);
        if (_unreported.Count >= 2)
        {
            Acknowledge(now);
            return;
        }

        simulation.Schedule(now + MaxAckDelay, this, EventKind.AckTimer, packet, null);
    }

    public void HandleAckTimer(int packet, long now)
    {
        if (_unreported.Count > 0 && _unreported[0] == packet)
        {
            Acknowledge(now);
        }
    }

    public void HandleAck(int[] packets, bool hasMark, long now)
    {
        var batch = new AckBatch(Controller, now) { CongestionExperienced = hasMark };
        var largest = packets[^1];
        _largestAcked = Math.Max(_largestAcked, largest);
        _timeouts = 0;
        _rtt.Update(now - _sent[largest].Time, 0, handshakeConfirmed: true, MaxAckDelay);
        foreach (var number in packets)
        {
            var packet = _sent[number];
            if (packet.IsOutstanding)
            {
                _sent[number] = packet with { IsOutstanding = false };
                batch.AddAcked(PacketSize, packet.Time, packet.Snapshot);
            }
        }

        _queueDelaySum += (_rtt.Latest - 2 * simulation.Link.OneWayDelay) * packets.Length;
        DetectLoss(now, batch);
        SendAll(now);
    }

    private void Acknowledge(long now)
    {
        simulation.Schedule(now + simulation.Link.OneWayDelay, this, _hasMark ? EventKind.MarkedAck : EventKind.Ack, 0, [.. _unreported]);
        _hasMark = false;
        _unreported.Clear();
    }

    private void DetectLoss(long now, AckBatch batch)
    {
        var lossTime = long.MaxValue;
        while (_oldest < _sent.Count && !_sent[_oldest].IsOutstanding)
        {
            _oldest++;
        }

        for (var number = _oldest; number < _largestAcked; number++)
        {
            var packet = _sent[number];
            if (!packet.IsOutstanding)
            {
                continue;
            }

            if (number <= _largestAcked - 3 || packet.Time + _rtt.LossDelay <= now)
            {
                _sent[number] = packet with { IsOutstanding = false };
                batch.AddLost(PacketSize, packet.Time, packet.Snapshot);
                Lost++;
                continue;
            }

            lossTime = Math.Min(lossTime, packet.Time + _rtt.LossDelay);
        }

        _lossTime = lossTime;
        if (batch.AckedBytes + batch.LostBytes > 0)
        {
            Controller.OnAckBatch(batch, _rtt);
            _pacer.SetRate(Controller.PacingRate(_rtt), PacketSize, now);
        }
    }

    private void SendAll(long now)
    {
        var next = Math.Min(_lossTime, _lastSent + (_rtt.PtoBase(MaxAckDelay) << _timeouts));
        while (Controller.CanSend(PacketSize))
        {
            var produced = start + _sent.Count * PacketSize / ApplicationRate;
            if (produced > now)
            {
                Controller.OnAppLimited();
                next = Math.Min(next, (long)produced + 1);
                break;
            }

            var allowed = _pacer.NextSendTime(now);
            if (allowed > now)
            {
                next = Math.Min(next, allowed);
                break;
            }

            Send(now);
        }

        if (next < _wakeAt)
        {
            _wakeAt = Math.Max(next, now + 1);
            simulation.Schedule(_wakeAt, this, EventKind.Wake, 0, null);
        }
    }

    private void Send(long now)
    {
        Controller.OnSent(PacketSize, now);
        _pacer.OnSent(PacketSize, now);
        _lastSent = now;
        _sent.Add(new SentPacket(now, Controller.TakeSnapshot(now), IsOutstanding: true));
        if (simulation.Link.Offer(PacketSize, now, out var isMarked) is { } arrival)
        {
            simulation.Schedule(arrival, this, isMarked ? EventKind.MarkedArrival : EventKind.Arrival, _sent.Count - 1, null);
        }
    }

    private readonly record struct SentPacket(long Time, DeliverySnapshot Snapshot, bool IsOutstanding);
}
