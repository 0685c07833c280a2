namespace Coco.Quic.Congestion;

/// <content>The model of the path: bandwidth, rounds, bounds set by loss, ACK aggregation (§5.3 to §5.5).</content>
internal sealed partial class Bbr
{
    private const long Unbounded = long.MaxValue;
    private const int ExtraAckedRounds = 5; // the filter holds two spans of this, ten rounds as §2.10 asks

    private double _maxBandwidth; // the greater of this probing cycle and the one before
    private double _cycleBandwidth;
    private double _bandwidthShortTerm = double.PositiveInfinity;
    private double _bandwidthLatest;
    private double _fullBandwidth;
    private long _inflightLongTerm = Unbounded;
    private long _inflightShortTerm = Unbounded;
    private long _inflightLatest;
    private long _nextRoundDelivered;
    private long _lossRoundDelivered;
    private long _extraAcked;
    private long _extraAckedCurrent;
    private long _extraAckedDelivered;
    private long _extraAckedStart;
    private int _lossEventsInRound;
    private int _extraAckedAge;
    private int _fullBandwidthCount;
    private bool _isLossRoundStart;
    private bool _hasLossInRound;
    private bool _isFullBandwidthNow;
    private bool _isFullBandwidthReached;

    private double Bandwidth => Math.Min(_maxBandwidth, _bandwidthShortTerm);

    private long InflightWithHeadroom => _inflightLongTerm == Unbounded
        ? Unbounded
        : Math.Max(MinimumWindow, (long)Math.Min(_inflightLongTerm * Headroom, _inflightLongTerm - MaxDatagramSize));

    /// <summary>What keeps the pipe full, "BBRInflight(gain)" without its allowance for offload, which the pacer gives.</summary>
    private long Inflight(double gain)
    {
        if (_minRtt == 0)
        {
            return InitialWindow;
        }

        var inflight = (long)Math.Min(gain * Bandwidth * _minRtt, MaximumWindow);
        return Math.Max(inflight, MinimumWindow) + (_state == BbrState.ProbeUp ? 2L * MaxDatagramSize : 0);
    }

    private void UpdateRound(in RateSample sample)
    {
        _isRoundStart = sample.PriorDelivered >= _nextRoundDelivered;
        if (_isRoundStart)
        {
            StartRound();
            _roundsSinceProbe++;
        }
    }

    private void StartRound() => _nextRoundDelivered = _delivery.Delivered;

    private void UpdateLatestDelivery(in RateSample sample)
    {
        _bandwidthLatest = Math.Max(_bandwidthLatest, sample.Rate);
        _inflightLatest = Math.Max(_inflightLatest, sample.Delivered);
        _isLossRoundStart = sample.PriorDelivered >= _lossRoundDelivered;
        if (_isLossRoundStart)
        {
            _lossRoundDelivered = _delivery.Delivered;
        }
    }

    private void AdvanceLatestDelivery(in RateSample sample)
    {
        if (_isLossRoundStart)
        {
            _bandwidthLatest = sample.Rate;
            _inflightLatest = sample.Delivered;
        }
    }

    private void UpdateMaxBandwidth(in RateSample sample)
    {
        // A sample limited by the application says at least, never at most.
        if (sample.Rate > 0 && (sample.Rate >= _maxBandwidth || !sample.IsAppLimited))
        {
            _cycleBandwidth = Math.Max(_cycleBandwidth, sample.Rate);
            _maxBandwidth = Math.Max(_maxBandwidth, _cycleBandwidth);
        }
    }

    private void AdvanceMaxBandwidth()
    {
        if (_cycleBandwidth > 0)
        {
            _maxBandwidth = _cycleBandwidth;
            _cycleBandwidth = 0;
        }
    }

    /// <summary>§5.5.10.3: while not probing, loss in a round lowers what may be used until the next probe.</summary>
    private void UpdateShortTermModel()
    {
        if (!_isLossRoundStart)
        {
            return;
        }

        var isProbing = _state is BbrState.Startup or BbrState.ProbeRefill or BbrState.ProbeUp;
        if (_hasLossInRound && !isProbing)
        {
            var bandwidth = double.IsInfinity(_bandwidthShortTerm) ? _maxBandwidth : _bandwidthShortTerm;
            var inflight = _inflightShortTerm == Unbounded ? Window : _inflightShortTerm;
            _bandwidthShortTerm = Math.Max(_bandwidthLatest, Beta * bandwidth);
            _inflightShortTerm = Math.Max(_inflightLatest, (long)(Beta * inflight));
        }

        CheckStartupLoss();
        _hasLossInRound = false;
        _lossEventsInRound = 0;
    }

    private void ResetShortTermModel()
    {
        _bandwidthShortTerm = double.PositiveInfinity;
        _inflightShortTerm = Unbounded;
    }

    private void CheckFullBandwidth(in RateSample sample)
    {
        if (_isFullBandwidthNow || sample.IsAppLimited)
        {
            return;
        }

        if (sample.Rate >= _fullBandwidth * FullBandwidthGrowth)
        {
            ResetFullBandwidth();
            _fullBandwidth = sample.Rate;
            return;
        }

        if (_isRoundStart && ++_fullBandwidthCount >= FullBandwidthRounds)
        {
            _isFullBandwidthNow = true;
            _isFullBandwidthReached = true;
        }
    }

    private void ResetFullBandwidth()
    {
        _fullBandwidth = 0;
        _fullBandwidthCount = 0;
        _isFullBandwidthNow = false;
    }

    /// <summary>§5.3.1.3: Startup also ends when a round loses too much, in too many places.</summary>
    private void CheckStartupLoss()
    {
        if (_state == BbrState.Startup && _lossEventsInRound >= StartupLossEvents && _hasHighLoss)
        {
            _isFullBandwidthReached = true;
            _inflightLongTerm = Math.Max(Inflight(1), _inflightLatest);
        }

        _hasHighLoss = false;
    }

    /// <summary>§5.5.9: how much more than the bandwidth explains arrives in one burst of ACKs.</summary>
    private void UpdateAckAggregation(long now, long acked)
    {
        var expected = Bandwidth * (now - _extraAckedStart);
        if (_extraAckedDelivered <= expected)
        {
            _extraAckedDelivered = 0;
            _extraAckedStart = now;
            expected = 0;
        }

        _extraAckedDelivered += acked;
        var extra = Math.Min((long)(_extraAckedDelivered - expected), Window);
        if (_isRoundStart && ++_extraAckedAge >= (_isFullBandwidthReached ? ExtraAckedRounds : 1))
        {
            _extraAckedAge = 0;
            _extraAcked = _extraAckedCurrent;
            _extraAckedCurrent = 0;
        }

        _extraAckedCurrent = Math.Max(_extraAckedCurrent, extra);
        _extraAcked = Math.Max(_extraAcked, _extraAckedCurrent);
    }
}
