namespace Coco.Quic.Congestion;

/// <content>Probing for bandwidth: Down, Cruise, Refill, Up, and what loss then teaches (§5.3.3).</content>
internal sealed partial class Bbr
{
    private const long LeastProbeWait = 2 * TimeSpan.TicksPerSecond;
    private const int MostRenoRounds = 63; // §5.3.3.5.1: coexist with Reno at up to 63 packets a round trip
    private const int MostUpRounds = 30;

    private long _probeWait;
    private double _upGrowth; // bytes of inflight_longterm per byte acknowledged
    private int _upRounds;
    private int _roundsSinceProbe;
    private BbrAckPhase _ackPhase;
    private bool _isSamplingProbe; // "bw_probe_samples"
    private bool _hasHighLoss;

    private bool IsProbingBandwidth =>
        _state is BbrState.ProbeDown or BbrState.ProbeCruise or BbrState.ProbeRefill or BbrState.ProbeUp;

    private void UpdateProbeBandwidth(long now, in RateSample sample)
    {
        if (!_isFullBandwidthReached)
        {
            return;
        }

        AdaptLongTermModel(now, sample);
        switch (_state)
        {
            case BbrState.ProbeDown when !IsTimeToProbe(now) && IsTimeToCruise:
                _state = BbrState.ProbeCruise;
                break;
            case BbrState.ProbeDown or BbrState.ProbeCruise when IsTimeToProbe(now):
                StartRefill();
                break;
            case BbrState.ProbeRefill when _isRoundStart:
                _isSamplingProbe = true;
                StartUp(now, sample);
                break;
            case BbrState.ProbeUp when IsTimeToGoDown(sample):
                StartDown(now);
                break;
        }
    }

    private bool IsTimeToCruise => BytesInFlight <= Math.Min(InflightWithHeadroom, Inflight(1));

    private bool IsTimeToProbe(long now) =>
        now > _cycleStamp + _probeWait || _roundsSinceProbe >= Math.Min(MostRenoRounds, Inflight(1) / MaxDatagramSize);

    private bool IsTimeToGoDown(in RateSample sample)
    {
        if (_isWindowLimited && Window >= _inflightLongTerm)
        {
            // Held by the bound rather than by the path: no sign that bandwidth is full.
            ResetFullBandwidth();
            _fullBandwidth = sample.Rate;
            return false;
        }

        return _isFullBandwidthNow;
    }

    private void StartDown(long now)
    {
        _hasLossInRound = false;
        _bandwidthLatest = 0;
        _inflightLatest = 0;
        _upGrowth = 0;
        _cycleStamp = now;
        // The jitter only keeps flows from probing together, so the noise of the clock and the byte count serves for it.
        var noise = unchecked((ulong)(now ^ _delivery.Delivered) * 0x9E3779B97F4A7C15) >> 40;
        _probeWait = LeastProbeWait + (long)(noise % TimeSpan.TicksPerSecond);
        _roundsSinceProbe = (int)(noise & 1);
        _ackPhase = BbrAckPhase.ProbeStopping;
        StartRound();
        _state = BbrState.ProbeDown;
    }

    private void StartRefill()
    {
        ResetShortTermModel();
        _upRounds = 0;
        _ackPhase = BbrAckPhase.Refilling;
        StartRound();
        _state = BbrState.ProbeRefill;
    }

    private void StartUp(long now, in RateSample sample)
    {
        _ackPhase = BbrAckPhase.ProbeStarting;
        StartRound();
        ResetFullBandwidth();
        _fullBandwidth = sample.Rate;
        _cycleStamp = now;
        _state = BbrState.ProbeUp;
        RaiseUpGrowth();
    }

    private void AdaptLongTermModel(long now, in RateSample sample)
    {
        if (_ackPhase == BbrAckPhase.ProbeStarting && _isRoundStart)
        {
            _ackPhase = BbrAckPhase.ProbeFeedback;
        }

        if (_ackPhase == BbrAckPhase.ProbeStopping && _isRoundStart)
        {
            _ackPhase = BbrAckPhase.Init;
            _isSamplingProbe = false;
            if (IsProbingBandwidth && !sample.IsAppLimited)
            {
                AdvanceMaxBandwidth();
            }
        }

        if (IsInflightTooHigh(sample.LostSinceSend, sample.InFlightAtSend))
        {
            HandleInflightTooHigh(now, sample.InFlightAtSend, sample.IsAppLimited);
            return;
        }

        if (_inflightLongTerm == Unbounded)
        {
            return;
        }

        _inflightLongTerm = Math.Max(_inflightLongTerm, sample.InFlightAtSend);
        if (_state == BbrState.ProbeUp && _isWindowLimited && Window >= _inflightLongTerm)
        {
            _inflightLongTerm += (long)(sample.Acked * _upGrowth);
            if (_isRoundStart)
            {
                RaiseUpGrowth();
            }
        }
    }

    /// <summary>Each round trip of probing raises the bound twice as fast: by 1, 2, 4… packets.</summary>
    private void RaiseUpGrowth()
    {
        _upGrowth = Math.Min(1, (double)MaxDatagramSize * (1L << _upRounds) / Window);
        _upRounds = Math.Min(_upRounds + 1, MostUpRounds);
    }

    private static bool IsInflightTooHigh(long lost, long inFlight) => lost > inFlight * LossThreshold;

    private void HandleInflightTooHigh(long now, long inFlight, bool isAppLimited)
    {
        if (!_isSamplingProbe)
        {
            return;
        }

        _isSamplingProbe = false; // react once for each probe
        if (!isAppLimited)
        {
            _inflightLongTerm = Math.Max(inFlight, (long)(Beta * Math.Min(Inflight(1), Window)));
        }

        if (_state == BbrState.ProbeUp)
        {
            StartDown(now);
        }
    }

    /// <summary>§5.5.10.2, once per batch: its newest lost packet stands for all.</summary>
    private void HandleLoss(in AckBatch batch)
    {
        NoteLoss();
        _lossEventsInRound += batch.LostPackets;

        var packet = batch.NewestLost;
        var lost = _delivery.Lost + batch.LostBytes - DeliverySnapshot.Widen(packet.Lost, _delivery.Lost);
        if (!IsInflightTooHigh(lost, packet.InFlight))
        {
            return;
        }

        _hasHighLoss = true;
        // How much was in flight when loss first passed the threshold.
        var before = packet.InFlight - batch.NewestLostBytes;
        var lostBefore = lost - batch.LostBytes;
        var prefix = Math.Max(0, (LossThreshold * before - lostBefore) / (1 - LossThreshold));
        HandleInflightTooHigh(batch.Now, Math.Max(0, before) + (long)prefix, packet.IsAppLimited);
    }

    /// <summary>The draft leaves marks open. They bound the model as a loss does, as RFC 3168 §5 asks of any transport.</summary>
    private void HandleMark(in AckBatch batch)
    {
        NoteLoss();
        if (_state == BbrState.Startup)
        {
            _isFullBandwidthReached = true;
        }

        HandleInflightTooHigh(batch.Now, batch.NewestAcked.InFlight, batch.NewestAcked.IsAppLimited);
    }

    private void NoteLoss()
    {
        if (!_hasLossInRound)
        {
            _lossRoundDelivered = _delivery.Delivered;
            _hasLossInRound = true;
        }
    }
}
