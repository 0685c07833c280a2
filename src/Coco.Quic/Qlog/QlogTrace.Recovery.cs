using Coco.Quic.Congestion;
using Coco.Quic.Packets;
using Coco.Quic.Paths;

namespace Coco.Quic.Qlog;

/// <summary>Loss recovery and congestion (draft-ietf-quic-qlog-quic-events §7, §4.8).</summary>
public sealed partial class QlogTrace
{
    private QlogMetrics _metrics;
    private string? _congestionState;
    private long _recoveryStart = long.MinValue;
    private long _recoveryEnd = long.MinValue; // the packet number that an acknowledgement must exceed (RFC 9002 §7.3.2)
    private int _mtu;
    private bool _isMtuDone;
    private EcnState _ecn = EcnState.Testing;
    private NetworkPath? _measured;

    internal void ProbeTimeout(EncryptionLevel level, long now)
    {
        At(now);
        BeginEvent("quic:timer_updated"u8, "recovery"u8);
        _json.WriteString("timer_type"u8, "pto"u8);
        _json.WriteString("packet_number_space"u8, QlogNames.OfSpace(level));
        _json.WriteString("event_type"u8, "expired"u8);
        EndEvent();
    }

    /// <summary>Tells what has changed on the path in use since the last call.</summary>
    internal void Metrics(NetworkPath path, int ptoCount)
    {
        if (path != _measured) { (_measured, _recoveryStart, _recoveryEnd) = (path, path.Congestion.RecoveryStart, long.MinValue); }
        WriteMetrics(path, ptoCount);
        WriteCongestionState(path);
        WriteMtu(path);
        if (path.UsesEcn && path.Ecn.State != _ecn) { WriteEcn(path.Ecn.State); }
    }

    private void WriteMetrics(NetworkPath path, int ptoCount)
    {
        // Zero stands for none: it is infinite before the first loss.
        var threshold = (path.Congestion as LossBasedController)?.SlowStartThreshold ?? 0;
        if (threshold == long.MaxValue) { threshold = 0; }
        var hasSample = path.Rtt.HasSample;
        var metrics = new QlogMetrics(
            path.Rtt.Minimum, hasSample ? path.Rtt.Smoothed : 0, path.Rtt.Latest, hasSample ? path.Rtt.Variation : 0,
            ptoCount, path.Congestion.Window, path.Congestion.BytesInFlight, threshold);
        if (metrics == _metrics) { return; }
        WriteMetrics("quic:recovery_metrics_updated"u8, metrics);
        WriteMetrics("recovery:metrics_updated"u8, metrics); // its name until version 0.3, by which qvis finds it
        _metrics = metrics;
    }

    private void WriteMetrics(ReadOnlySpan<byte> name, in QlogMetrics metrics)
    {
        BeginEvent(name, "recovery"u8);
        WriteTimeIfChanged("min_rtt"u8, metrics.MinRtt, _metrics.MinRtt);
        WriteTimeIfChanged("smoothed_rtt"u8, metrics.SmoothedRtt, _metrics.SmoothedRtt);
        WriteTimeIfChanged("latest_rtt"u8, metrics.LatestRtt, _metrics.LatestRtt);
        WriteTimeIfChanged("rtt_variance"u8, metrics.RttVariance, _metrics.RttVariance);
        WriteIfChanged("pto_count"u8, metrics.PtoCount, _metrics.PtoCount);
        WriteIfChanged("congestion_window"u8, metrics.CongestionWindow, _metrics.CongestionWindow);
        WriteIfChanged("bytes_in_flight"u8, metrics.BytesInFlight, _metrics.BytesInFlight);
        WriteIfChanged("ssthresh"u8, metrics.SlowStartThreshold, _metrics.SlowStartThreshold);
        EndEvent();
    }

    private void WriteIfChanged(ReadOnlySpan<byte> name, long value, long previous)
    {
        if (value != previous) { _json.WriteNumber(name, value); }
    }

    private void WriteTimeIfChanged(ReadOnlySpan<byte> name, long ticks, long previous)
    {
        if (ticks != previous) { _json.WriteNumber(name, ticks / (double)TimeSpan.TicksPerMillisecond); }
    }

    private void WriteCongestionState(NetworkPath path)
    {
        var state = CongestionStateOf(path);
        if (state == _congestionState) { return; }
        BeginEvent("quic:congestion_state_updated"u8, "recovery"u8);
        if (_congestionState is not null) { _json.WriteString("old"u8, _congestionState); }
        _json.WriteString("new"u8, state);
        EndEvent();
        _congestionState = state;
    }

    private string CongestionStateOf(NetworkPath path)
    {
        if (path.Congestion is Bbr bbr) { return QlogNames.OfState(bbr.State); }
        if (path.Congestion.RecoveryStart != _recoveryStart)
        {
            _recoveryStart = path.Congestion.RecoveryStart;
            _recoveryEnd = _recoveryStart == long.MinValue ? long.MinValue : _largestSent;
        }
        if (path.LargestAcked <= _recoveryEnd) { return "recovery"; }
        return path.Congestion.InSlowStart ? "slow_start" : "congestion_avoidance";
    }

    private void WriteMtu(NetworkPath path)
    {
        var isDone = path.Mtu.State is PathMtuState.SearchComplete or PathMtuState.Disabled;
        if (path.Mtu.Current == _mtu && isDone == _isMtuDone) { return; }
        BeginEvent("quic:mtu_updated"u8, "connectivity"u8);
        if (_mtu != 0) { _json.WriteNumber("old"u8, _mtu); }
        _json.WriteNumber("new"u8, path.Mtu.Current);
        _json.WriteBoolean("done"u8, isDone);
        EndEvent();
        (_mtu, _isMtuDone) = (path.Mtu.Current, isDone);
    }

    private void WriteEcn(EcnState state)
    {
        BeginEvent("quic:ecn_state_updated"u8, "recovery"u8);
        _json.WriteString("old"u8, NameOf(_ecn));
        _json.WriteString("new"u8, NameOf(state));
        EndEvent();
        _ecn = state;

        static ReadOnlySpan<byte> NameOf(EcnState state) => state switch
        {
            EcnState.Testing => "testing"u8,
            EcnState.Unknown => "unknown"u8,
            EcnState.Capable => "capable"u8,
            _ => "failed"u8,
        };
    }
}
