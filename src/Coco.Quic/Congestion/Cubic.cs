namespace Coco.Quic.Congestion;

/// <summary>
/// CUBIC (RFC 9438). Windows are bytes here and segments in the RFC; C is scaled by the datagram size instead. Names are the
/// RFC's: W_max, K, W_est, cwnd_prior.
/// </summary>
internal sealed class Cubic(int maxDatagramSize) : LossBasedController(maxDatagramSize)
{
    private const double C = 0.4; // §5
    private const double Beta = 0.7; // §4.6
    private const double Alpha = 3 * (1 - Beta) / (1 + Beta); // §4.3
    private const long NoEpoch = long.MinValue;

    private HyStart _hyStart;
    private double _maxWindow; // W_max; 0 when no reduction has set it
    private double _k; // seconds
    private double _estimate; // W_est
    private double _priorWindow; // cwnd_prior
    private double _fraction; // of a byte of growth, not to be lost when batches are small against the window
    private long _epochStart = NoEpoch;
    private long _lastUpdate;

    public override void OnPersistentCongestion()
    {
        base.OnPersistentCongestion();
        // §4.8: the first congestion avoidance after a timeout starts from its own window, with K = 0.
        _maxWindow = 0;
        _epochStart = NoEpoch;
    }

    protected override void OnRestart(long now) => SkipTime(now);

    protected override void Reduce()
    {
        // §4.7, fast convergence: a flow whose maximum shrinks gives way to newer ones.
        _maxWindow = Window < _maxWindow ? Window * (1 + Beta) / 2 : Window;
        _priorWindow = Window;
        _epochStart = NoEpoch;
        // §4.6 allows the window for flight_size where it does not grow while unused.
        Window = Math.Max((long)(Window * Beta), MinimumWindow);
        SlowStartThreshold = Window;
    }

    protected override void Grow(in AckBatch batch, long bytes, in RttEstimator rtt)
    {
        if (InSlowStart)
        {
            // RFC 9406 §4.3: HyStart++ is for the initial slow start; later ones have a threshold.
            var isDone = false;
            Window += SlowStartThreshold == long.MaxValue ? _hyStart.OnAck(batch, bytes, rtt.Latest, out isDone) : bytes;
            if (isDone)
            {
                SlowStartThreshold = Window;
            }

            return;
        }

        if (bytes == 0)
        {
            SkipTime(batch.Now); // §5.8
            return;
        }

        if (_epochStart == NoEpoch)
        {
            StartEpoch(batch.Now);
        }

        _lastUpdate = batch.Now;
        Avoid(bytes, batch.Now - _epochStart, rtt.Smoothed);
    }

    private void StartEpoch(long now)
    {
        _epochStart = now;
        _estimate = Window; // §4.3: W_est starts at cwnd_epoch
        if (_maxWindow <= Window)
        {
            _maxWindow = Window;
            _priorWindow = Window;
        }

        _k = Math.Cbrt((_maxWindow - Window) / (C * MaxDatagramSize)); // §4.2, figure 2
    }

    private void Avoid(long bytes, long elapsed, long smoothedRtt)
    {
        var window = (double)Window;
        // §4.3: once W_est has reached cwnd_prior it grows as Reno does.
        _estimate += (_estimate >= _priorWindow ? 1 : Alpha) * MaxDatagramSize * bytes / window;

        if (CubicWindow(elapsed) < _estimate)
        {
            Window = Math.Max(Window, (long)Math.Min(_estimate, MaximumWindow)); // §4.3, the Reno-friendly region
            return;
        }

        // §4.4 and §4.5: towards where the curve is one round trip from now, by at most half the window per round trip.
        var target = Math.Clamp(CubicWindow(elapsed + smoothedRtt), window, 1.5 * window);
        var growth = (target - window) / window * bytes + _fraction;
        Window += (long)growth;
        _fraction = growth - (long)growth;
    }

    /// <summary>W_cubic(t), §4.2 figure 1.</summary>
    private double CubicWindow(long elapsed)
    {
        var t = elapsed / (double)TimeSpan.TicksPerSecond - _k;
        return C * MaxDatagramSize * (t * t * t) + _maxWindow;
    }

    /// <summary>§5.8: time in which the window was not in use is no part of the epoch.</summary>
    private void SkipTime(long now)
    {
        if (_epochStart != NoEpoch)
        {
            _epochStart += now - _lastUpdate;
        }

        _lastUpdate = now;
    }
}
