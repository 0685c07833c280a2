namespace Coco.Quic.Congestion;

/// <content>The least round trip, and the pause every five seconds that lets it be seen (§5.3.4).</content>
internal sealed partial class Bbr
{
    private const long MinRttFilter = 10 * TimeSpan.TicksPerSecond;
    private const long ProbeRttInterval = 5 * TimeSpan.TicksPerSecond;
    private const long ProbeRttDuration = 200 * TimeSpan.TicksPerMillisecond;
    private const double ProbeRttGain = 0.5;

    private long _minRtt; // 0 before the first sample
    private long _minRttStamp;
    private long _probeRttMin;
    private long _probeRttStamp;
    private long _probeRttDone; // 0 until little enough is in flight
    private bool _isProbeRttExpired;
    private bool _isProbeRttRoundDone;
    private bool _isIdleRestart;

    private long ProbeRttWindow => Math.Max(MinimumWindow, Inflight(ProbeRttGain));

    private void UpdateMinRtt(long now, long rtt)
    {
        if (rtt <= 0)
        {
            return;
        }

        _isProbeRttExpired = _probeRttMin != 0 && now > _probeRttStamp + ProbeRttInterval;
        if (_probeRttMin == 0 || rtt < _probeRttMin || _isProbeRttExpired)
        {
            _probeRttMin = rtt;
            _probeRttStamp = now;
        }

        if (_minRtt == 0 || _probeRttMin < _minRtt || now > _minRttStamp + MinRttFilter)
        {
            _minRtt = _probeRttMin;
            _minRttStamp = _probeRttStamp;
        }
    }

    private void CheckProbeRtt(long now)
    {
        if (_state != BbrState.ProbeRtt && _isProbeRttExpired && !_isIdleRestart)
        {
            _state = BbrState.ProbeRtt;
            _priorWindow = Window;
            _probeRttDone = 0;
            _ackPhase = BbrAckPhase.ProbeStopping;
            StartRound();
        }

        _isIdleRestart = false;
        if (_state == BbrState.ProbeRtt)
        {
            HandleProbeRtt(now);
        }
    }

    private void HandleProbeRtt(long now)
    {
        _delivery.OnAppLimited(BytesInFlight); // what is delivered now says nothing about bandwidth
        if (_probeRttDone == 0)
        {
            if (BytesInFlight <= ProbeRttWindow)
            {
                _probeRttDone = now + ProbeRttDuration;
                _isProbeRttRoundDone = false;
                StartRound();
            }

            return;
        }

        _isProbeRttRoundDone |= _isRoundStart;
        if (_isProbeRttRoundDone && now > _probeRttDone)
        {
            _probeRttStamp = now;
            Window = Math.Max(Window, _priorWindow);
            LeaveProbeRtt(now);
        }
    }

    private void LeaveProbeRtt(long now)
    {
        ResetShortTermModel();
        if (_isFullBandwidthReached)
        {
            StartDown(now);
            _state = BbrState.ProbeCruise;
            return;
        }

        _state = BbrState.Startup;
    }
}
