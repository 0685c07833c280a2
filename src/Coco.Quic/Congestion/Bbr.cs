namespace Coco.Quic.Congestion;

/// <summary>
/// BBR version 3 (draft-ietf-ccwg-bbr): a model of the path, its bandwidth and least round trip, sets rate and window; loss
/// bounds the model rather than halving the window. Rates within are bytes per tick. This file runs the state machine,
/// <c>Bbr.Model.cs</c> keeps the model, <c>Bbr.ProbeBandwidth.cs</c> and <c>Bbr.ProbeRtt.cs</c> its two kinds of probing.
/// </summary>
internal sealed partial class Bbr(int maxDatagramSize) : CongestionController(maxDatagramSize)
{
    private const double StartupPacingGain = 2.77; // §2.4 to §2.8 for all of these
    private const double DrainPacingGain = 0.5;
    private const double WindowGain = 2;
    private const double UpWindowGain = 2.25;
    private const double UpPacingGain = 1.25;
    private const double DownPacingGain = 0.9;
    private const double PacingMargin = 0.99;
    private const double LossThreshold = 0.02;
    private const double Beta = 0.7;
    private const double Headroom = 0.85;
    private const int MinPipePackets = 4;
    private const int FullBandwidthRounds = 3;
    private const double FullBandwidthGrowth = 1.25;
    private const int StartupLossEvents = 6;

    private DeliveryRate _delivery;
    private long _cycleStamp;
    private long _priorWindow;
    private double _pacingRate;
    private BbrState _state = BbrState.Startup;
    private bool _isRoundStart;
    private bool _isWindowLimited;

    public override bool NeedsDeliverySnapshots => true;

    public override bool InSlowStart => _state == BbrState.Startup;

    /// <summary>For tests and logs.</summary>
    public BbrState State => _state;

    protected override long MinimumWindow => (long)MinPipePackets * MaxDatagramSize;

    public override DeliverySnapshot TakeSnapshot(long now) => _delivery.TakeSnapshot(now, BytesInFlight);

    public override void OnAppLimited()
    {
        base.OnAppLimited();
        _delivery.OnAppLimited(BytesInFlight);
    }

    public override void OnPersistentCongestion()
    {
        _priorWindow = Math.Max(_priorWindow, Window);
        Window = MinimumWindow;
    }

    public override long PacingRate(in RttEstimator rtt)
    {
        if (_pacingRate == 0)
        {
            return (long)(StartupPacingGain * InitialWindow / rtt.Smoothed * TimeSpan.TicksPerSecond);
        }

        return (long)Math.Max(1, _pacingRate * TimeSpan.TicksPerSecond);
    }

    protected override void OnRestart(long now)
    {
        _delivery.OnRestart(now);
        _isIdleRestart = _delivery.IsAppLimited;
    }

    protected override void Update(in AckBatch batch, long inFlightBefore, in RttEstimator rtt)
    {
        _isWindowLimited = inFlightBefore + 3L * MaxDatagramSize >= Window;
        if (batch.LostBytes > 0)
        {
            HandleLoss(batch);
        }
        else if (batch.CongestionExperienced && batch.AckedBytes > 0)
        {
            HandleMark(batch);
        }

        var sample = _delivery.Take(batch, _minRtt);
        if (batch.AckedBytes == 0)
        {
            return;
        }

        UpdateRound(sample);
        UpdateLatestDelivery(sample);
        UpdateMaxBandwidth(sample);
        UpdateShortTermModel();
        UpdateAckAggregation(batch.Now, sample.Acked);
        CheckFullBandwidth(sample);
        CheckStartupDone(batch.Now);
        UpdateProbeBandwidth(batch.Now, sample);
        UpdateMinRtt(batch.Now, rtt.Latest);
        CheckProbeRtt(batch.Now);
        AdvanceLatestDelivery(sample);
        SetPacingRate();
        SetWindow(sample.Acked);
    }

    private void CheckStartupDone(long now)
    {
        if (_state == BbrState.Startup && _isFullBandwidthReached)
        {
            _state = BbrState.Drain;
        }

        if (_state == BbrState.Drain && BytesInFlight <= Inflight(1))
        {
            StartDown(now);
        }
    }

    private double PacingGain => _state switch
    {
        BbrState.Startup => StartupPacingGain,
        BbrState.Drain => DrainPacingGain,
        BbrState.ProbeDown => DownPacingGain,
        BbrState.ProbeUp => UpPacingGain,
        _ => 1,
    };

    private void SetPacingRate()
    {
        var rate = PacingGain * Bandwidth * PacingMargin;
        if (rate > 0 && (_isFullBandwidthReached || rate > _pacingRate))
        {
            _pacingRate = rate;
        }
    }

    /// <summary>§5.6.4.</summary>
    private void SetWindow(long acked)
    {
        var most = Inflight(_state == BbrState.ProbeUp ? UpWindowGain : WindowGain) + _extraAcked;
        if (_isFullBandwidthReached)
        {
            Window = Math.Min(Window + acked, most);
        }
        else if (Window < most || _delivery.Delivered < InitialWindow)
        {
            Window += acked;
        }

        var bound = _state switch
        {
            BbrState.ProbeRtt => Math.Min(ProbeRttWindow, InflightWithHeadroom),
            BbrState.ProbeCruise => InflightWithHeadroom,
            BbrState.ProbeDown or BbrState.ProbeRefill or BbrState.ProbeUp => _inflightLongTerm,
            _ => Unbounded,
        };
        Window = Math.Max(MinimumWindow, Math.Min(Window, Math.Min(bound, _inflightShortTerm)));
    }
}
