using Coco.Quic.Connections;

namespace Coco.Traversal.Roaming;

/// <summary>
/// A flow that stops may have been stopped: by our own NAT, which has forgotten us and drops everything until we send. Who only receives
/// has nothing in flight whose acknowledgement could stay away, and asks.
/// </summary>
internal sealed partial class RoamingConnection
{
    private const int FlowTimeouts = 3; // as many PTO as a sender waits

    private static readonly TimeSpan LeastFlowSilence = TimeSpan.FromMilliseconds(500); // chosen: pauses of applications are mostly shorter or much longer

    private TimeSpan _flowSince;
    private TimeSpan _flowCheckAt = TimeSpan.MaxValue;

    /// <summary>Data of a stream has come.</summary>
    private void WatchFlow(TimeSpan now)
    {
        if (_flowCheckAt != TimeSpan.MaxValue) { return; }
        (_flowSince, _flowCheckAt) = (now, now + FlowSilence(Quic!));
        _endpoint.SetTimer(this);
    }

    private void CheckFlow(TimeSpan now)
    {
        if (now < _flowCheckAt) { return; }
        _flowCheckAt = TimeSpan.MaxValue;
        if (State is not RoamingState.Connected || Quic is not { } quic) { return; }
        var silence = FlowSilence(quic);
        if (quic.LastReceived + silence > now) { _flowCheckAt = quic.LastReceived + silence; }
        // A message is no flow: what ends as soon as it has begun was meant to. With data in flight the probe timeout watches.
        else if (quic.LastReceived - _flowSince >= silence && !quic.HasInFlight) { quic.Ping(); }
    }

    private static TimeSpan FlowSilence(QuicConnection quic) =>
        quic.ProbeTimeout * FlowTimeouts is var timeouts && timeouts > LeastFlowSilence ? timeouts : LeastFlowSilence;
}
