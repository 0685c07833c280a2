using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Lab.Simulated;

/// <summary>
/// A TCP connection that carries messages, each in one segment: handshake with simultaneous open (RFC 9293 §3.5), acknowledgement
/// of single segments, loss recovery, slow start and congestion avoidance (RFC 5681), timeouts (RFC 6298).
/// </summary>
internal sealed class SimulatedTcp
{
    private const int MaxQueuedBytes = 256 * 1024;
    private const int LossThreshold = 3;
    private static readonly TimeSpan FirstRto = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MinRto = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(60);

    private readonly SimulatedInternet _internet;
    private readonly Action<TcpSegment, byte[]> _transmit;
    private readonly Action<SimulatedTcp> _forget;
    private readonly SimulatedTimer _timer;
    private readonly List<Sent> _inFlight = [];
    private readonly Queue<byte[]> _waiting = [];
    private readonly Dictionary<long, byte[]> _early = [];
    private State _state;
    private TimeSpan _lastProgress;
    private TimeSpan _rto = FirstRto;
    private TimeSpan _smoothedRtt;
    private int _queuedBytes;
    private long _nextNumber;
    private long _expected;
    private long _recoverUntil;
    private double _window = 10; // RFC 6928 §2
    private double _threshold = double.MaxValue;

    public SimulatedTcp(SimulatedInternet internet, NetworkAddress local, NetworkAddress remote, Action<TcpSegment, byte[]> transmit, Action<SimulatedTcp> forget)
    {
        (_internet, Local, Remote, _transmit, _forget) = (internet, local, remote, transmit, forget);
        _timer = new(internet, HandleTimeout);
        _lastProgress = internet.Now;
    }

    private enum State
    {
        Listening,
        SynSent,
        SynReceived,
        Open,
        Closed,
    }

    public NetworkAddress Local { get; }

    public NetworkAddress Remote { get; }

    public bool IsOpen => _state is State.Open;

    public Action? Opened { get; set; }

    public Action<byte[]>? Arrived { get; set; }

    /// <summary>The end, of one that opened and of one that did not.</summary>
    public Action<LinkFailure>? Ended { get; set; }

    public void Open()
    {
        _state = State.SynSent;
        _transmit(new(TcpSegmentKind.Syn), []);
        _timer.Set(_internet.Now + _rto);
    }

    /// <summary>Takes a message to send. False when too much waits already.</summary>
    public bool Send(byte[] message)
    {
        if (_state is State.Closed || _queuedBytes + message.Length > MaxQueuedBytes) { return false; }
        if (_inFlight.Count == 0 && _waiting.Count == 0) { _lastProgress = _internet.Now; }
        _queuedBytes += message.Length;
        _waiting.Enqueue(message);
        SendMore();
        return true;
    }

    /// <summary>Ends it at once; the other side is told.</summary>
    public void Abort()
    {
        if (_state is State.Closed) { return; }
        _transmit(new(TcpSegmentKind.Reset), []);
        End(null);
    }

    public void Handle(TcpSegment segment, byte[] payload)
    {
        switch (segment.Kind)
        {
            case TcpSegmentKind.Reset:
                End(_state is State.Open ? LinkFailure.Reset : LinkFailure.Refused);
                break;
            case TcpSegmentKind.Syn when _state is State.Listening or State.SynSent or State.SynReceived:
                _state = State.SynReceived;
                _transmit(new(TcpSegmentKind.SynAck), []);
                _timer.Set(_internet.Now + _rto);
                break;
            case TcpSegmentKind.SynAck:
                BecomeOpen();
                _transmit(new(TcpSegmentKind.Ack, -1, _expected), []);
                break;
            case TcpSegmentKind.Ack:
                BecomeOpen();
                HandleAck(segment);
                break;
            case TcpSegmentKind.Data:
                BecomeOpen();
                HandleData(segment, payload);
                break;
        }
    }

    private void BecomeOpen()
    {
        if (_state is not (State.SynSent or State.SynReceived)) { return; }
        _state = State.Open;
        _rto = FirstRto;
        _lastProgress = _internet.Now;
        _timer.Set(null);
        Opened?.Invoke();
        SendMore();
    }

    private void HandleData(TcpSegment segment, byte[] payload)
    {
        if (segment.Number >= _expected) { _early[segment.Number] = payload; }
        while (_early.Remove(_expected, out var next))
        {
            _expected++;
            Arrived?.Invoke(next);
        }
        if (_state is State.Open) { _transmit(new(TcpSegmentKind.Ack, segment.Number, _expected), []); }
    }

    private void HandleAck(TcpSegment ack)
    {
        if (_state is not State.Open) { return; }
        var now = _internet.Now;
        foreach (var sent in _inFlight)
        {
            if (sent.IsAcknowledged || (sent.Number >= ack.Acknowledged && sent.Number != ack.Number)) { continue; }
            sent.IsAcknowledged = true;
            _lastProgress = now;
            _queuedBytes -= sent.Message.Length;
            if (sent.Number == ack.Number && !sent.IsRepeated) { LearnRtt(now - sent.SentAt); }
            _window += _window < _threshold ? 1 : 1 / _window;
        }
        _inFlight.RemoveAll(sent => sent.IsAcknowledged);
        var isLost = false;
        foreach (var sent in _inFlight)
        {
            if (sent.IsLost || sent.IsRepeated || sent.Number + LossThreshold > ack.Number) { continue; }
            sent.IsLost = isLost = true;
        }
        if (isLost && ack.Number >= _recoverUntil) { Shrink(_window / 2); }
        SendMore();
    }

    private void LearnRtt(TimeSpan rtt)
    {
        _smoothedRtt = _smoothedRtt == TimeSpan.Zero ? rtt : ((7 * _smoothedRtt) + rtt) / 8;
        _rto = 2 * _smoothedRtt > MinRto ? 2 * _smoothedRtt : MinRto;
    }

    private void Shrink(double window)
    {
        _threshold = Math.Max(2, _window / 2);
        _window = Math.Max(1, window);
        _recoverUntil = _nextNumber;
    }

    private void SendMore()
    {
        if (_state is not State.Open) { return; }
        var outstanding = _inFlight.Count(sent => !sent.IsLost);
        foreach (var sent in _inFlight)
        {
            if (!sent.IsLost || outstanding >= _window) { continue; }
            (sent.IsLost, sent.IsRepeated, sent.SentAt) = (false, true, _internet.Now);
            outstanding++;
            _transmit(new(TcpSegmentKind.Data, sent.Number, _expected), sent.Message);
        }
        while (outstanding < _window && _waiting.TryDequeue(out var message))
        {
            var sent = new Sent(_nextNumber++, message) { SentAt = _internet.Now };
            _inFlight.Add(sent);
            outstanding++;
            _transmit(new(TcpSegmentKind.Data, sent.Number, _expected), message);
        }
        _timer.Set(_inFlight.Count > 0 ? _internet.Now + _rto : null);
    }

    private void HandleTimeout()
    {
        var isStalled = _internet.Now - _lastProgress > (_state is State.Open ? StallTimeout : OpenTimeout);
        if (isStalled) { End(LinkFailure.TimedOut); return; }
        _rto *= 2;
        if (_state is State.Open)
        {
            foreach (var sent in _inFlight) { sent.IsLost = true; }
            Shrink(1);
            SendMore();
            return;
        }
        _transmit(new(_state is State.SynSent ? TcpSegmentKind.Syn : TcpSegmentKind.SynAck), []);
        _timer.Set(_internet.Now + _rto);
    }

    private void End(LinkFailure? why)
    {
        if (_state is State.Closed) { return; }
        _state = State.Closed;
        _timer.Set(null);
        _forget(this);
        if (why is { } reason) { Ended?.Invoke(reason); }
    }

    private sealed class Sent(long number, byte[] message)
    {
        public long Number { get; } = number;

        public byte[] Message { get; } = message;

        public TimeSpan SentAt { get; set; }

        public bool IsAcknowledged { get; set; }

        public bool IsLost { get; set; }

        public bool IsRepeated { get; set; }
    }
}
