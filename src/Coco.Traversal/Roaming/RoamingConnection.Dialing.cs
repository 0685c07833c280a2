using Coco.Quic.Connections;
using Coco.Traversal.Links;

namespace Coco.Traversal.Roaming;

/// <summary>
/// A call: several ways are tried, each with a connection of its own, a moment apart; the first that answers is kept and the others
/// are taken back ("happy eyeballs", RFC 8305, with handshakes in place of TCP).
/// </summary>
internal sealed partial class RoamingConnection
{
    private readonly RoamingTarget? _target;
    private List<QuicConnection>? _attempts;
    private Queue<PathAddress>? _toTry;
    private TimeSpan _nextAttempt = TimeSpan.MaxValue;
    private CloseReason? _lastFailure;

    /// <summary>When <see cref="HandleTimeout"/> has something to do.</summary>
    internal TimeSpan Deadline => _nextAttempt;

    internal void HandleTimeout(TimeSpan now)
    {
        if (now >= _nextAttempt) { TryNext(now); }
    }

    /// <summary>Begins, as soon as the network is known.</summary>
    internal void Dial(TimeSpan now)
    {
        if (State is not RoamingState.Connecting || _target is null || Quic is not null) { return; }
        _attempts ??= [];
        _toTry ??= new();
        foreach (var address in _target.Addresses)
        {
            if (_endpoint.TryLinkTo(address, out var link)) { AddWay(new(link)); }
        }
        if (_toTry.Count > 0 && _nextAttempt == TimeSpan.MaxValue) { TryNext(now); }
        GiveUpWhenNothingIsLeft();
        _endpoint.SetTimer(this);
    }

    private void AddWay(in PathAddress way)
    {
        if (_toTry!.Count + _attempts!.Count < _endpoint.Options.MaxAttempts && !_toTry.Contains(way)) { _toTry.Enqueue(way); }
    }

    private void TryNext(TimeSpan now)
    {
        _nextAttempt = TimeSpan.MaxValue;
        while (_toTry is not null && _toTry.TryDequeue(out var way))
        {
            if (!_endpoint.TryConnect(this, _target!, way, now, out var quic)) { continue; }
            _attempts!.Add(quic);
            if (_toTry.Count > 0) { _nextAttempt = now + _endpoint.Options.AttemptDelay; }
            return;
        }
        GiveUpWhenNothingIsLeft();
    }

    private void HandleAttempt(QuicConnection quic, TimeSpan now)
    {
        if (_attempts is null || !_attempts.Contains(quic)) { return; }
        while (quic.TryTakeEvent(out var quicEvent))
        {
            if (quicEvent.Kind is ConnectionEventKind.Connected)
            {
                Keep(quic, now);
                return;
            }
            if (quicEvent.Kind is not ConnectionEventKind.Closed) { continue; }
            _attempts.Remove(quic);
            _lastFailure = quic.CloseReason;
            quic.Dispose();
            TryNext(now);
            _endpoint.SetTimer(this);
            return;
        }
    }

    private void Keep(QuicConnection quic, TimeSpan now)
    {
        _attempts!.Remove(quic);
        StopDialing(now);
        _endpoint.SetTimer(this);
        Quic = quic;
        _control = new(quic);
        _control.Open();
        _control.Send(ControlMessage.Hello, []);
        State = RoamingState.Connected;
        Raise(RoamingEventKind.Connected);
        HandleReady(quic, now);
    }

    private void StopDialing(TimeSpan now)
    {
        _nextAttempt = TimeSpan.MaxValue;
        _toTry = null;
        if (_attempts is null) { return; }
        foreach (var attempt in _attempts)
        {
            attempt.Tag = null;
            attempt.Close(ControlMessage.Superseded, "", now);
        }
        _attempts = null;
    }

    private void GiveUpWhenNothingIsLeft()
    {
        if (State is not RoamingState.Connecting || _attempts is not { Count: 0 } || _toTry is not { Count: 0 }) { return; }
        End(_lastFailure ?? new(CloseKind.LocalTransport, 0, 0,
            "No way to the peer is known that can be used from here. Give an address, a relay of the peer's, or its address record."));
    }
}
