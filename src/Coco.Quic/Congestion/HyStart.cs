namespace Coco.Quic.Congestion;

/// <summary>
/// HyStart++ (RFC 9406): leaves slow start when round trips grow, before the queue overflows. A round ends when a packet sent
/// in it is acknowledged, so send times stand in for the RFC's packet numbers.
/// </summary>
internal struct HyStart
{
    // RFC 9406 §4.3
    private const uint MinRttThreshold = 4 * (uint)TimeSpan.TicksPerMillisecond;
    private const uint MaxRttThreshold = 16 * (uint)TimeSpan.TicksPerMillisecond;
    private const int MinRttDivisor = 8;
    private const int RttSamples = 8; // N_RTT_SAMPLE
    private const int ConservativeGrowthDivisor = 4; // CSS_GROWTH_DIVISOR
    private const int ConservativeRounds = 5; // CSS_ROUNDS

    private long _roundStart;
    private uint _lastRoundMinRtt; // each 0 for "infinity"
    private uint _currentRoundMinRtt;
    private uint _baselineMinRtt; // of Conservative Slow Start; 0 outside it
    private byte _samples;
    private byte _conservativeRounds;

    /// <summary>How much of <paramref name="bytes"/> grows the window, and whether slow start is over (RFC 9406 §4.2).</summary>
    public long OnAck(in AckBatch batch, long bytes, long latestRtt, out bool isDone)
    {
        isDone = false;
        if (batch.NewestAckedSentTime >= _roundStart)
        {
            isDone = StartRound(batch.Now);
        }

        var rtt = (uint)Math.Clamp(latestRtt, 1, uint.MaxValue);
        _currentRoundMinRtt = _currentRoundMinRtt == 0 ? rtt : Math.Min(_currentRoundMinRtt, rtt);
        _samples = (byte)Math.Min(_samples + 1, RttSamples);
        if (_samples == RttSamples)
        {
            Judge();
        }

        // L, the cap on growth per acknowledgement, is infinite since sending is paced.
        return _baselineMinRtt == 0 ? bytes : bytes / ConservativeGrowthDivisor;
    }

    private bool StartRound(long now)
    {
        _roundStart = now;
        _lastRoundMinRtt = _currentRoundMinRtt;
        _currentRoundMinRtt = 0;
        _samples = 0;
        return _baselineMinRtt != 0 && ++_conservativeRounds >= ConservativeRounds;
    }

    private void Judge()
    {
        if (_baselineMinRtt != 0)
        {
            if (_currentRoundMinRtt < _baselineMinRtt)
            {
                _baselineMinRtt = 0; // the growth was jitter: back to slow start
            }

            return;
        }

        var threshold = Math.Clamp(_lastRoundMinRtt / MinRttDivisor, MinRttThreshold, MaxRttThreshold);
        if (_lastRoundMinRtt != 0 && _currentRoundMinRtt >= (ulong)_lastRoundMinRtt + threshold)
        {
            _baselineMinRtt = _currentRoundMinRtt;
            _conservativeRounds = 0;
        }
    }
}
