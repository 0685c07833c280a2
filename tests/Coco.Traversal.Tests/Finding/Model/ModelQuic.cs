using Coco.Traversal.Finding;
using Coco.Traversal.Links;

namespace Coco.Traversal.Tests.Finding.Model;

/// <summary>
/// As much of a QUIC connection as paths need: one stream, one message in flight, probe timeouts that double, validation with full-size
/// packets, and the rules of migration by either side as docs/wire.md has them.
/// </summary>
internal sealed class ModelQuic(ModelSide side, bool isClient)
{
    public static readonly TimeSpan Pto = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ValidationTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);

    private readonly Queue<(ulong Type, byte[] Body)> _signals = new();
    private readonly Dictionary<PathAddress, (TimeSpan Next, TimeSpan End, int Sent)> _validations = [];
    private readonly HashSet<PathAddress> _valid = [];
    private long _number;
    private long _highest = -1;
    private long _messageOut;
    private long _messageIn;
    private ModelFrame? _unacked;
    private TimeSpan _ptoAt;
    private int _ptoCount;
    private TimeSpan _nextTraffic;
    private TimeSpan _unsettledUntil;
    private PathAddress? _left;
    private TimeSpan _lastSent;

    public PathAddress Active { get; private set; }

    public bool HasTraffic { get; set; }

    public TimeSpan LastReceived { get; private set; }

    /// <summary>When the last message of ours was acknowledged.</summary>
    public TimeSpan LastProgress { get; private set; }

    public int Moves { get; private set; }

    public long Delivered => _messageIn;

    public bool IsStalled => _unacked is not null;

    public TimeSpan Deadline
    {
        get
        {
            var deadline = _unacked is not null ? _ptoAt : HasTraffic ? _nextTraffic : (LastReceived > _lastSent ? LastReceived : _lastSent) + KeepAlive;
            foreach (var (_, validation) in _validations) { deadline = Min(deadline, Min(validation.Next, validation.End)); }
            return deadline;
        }
    }

    public void Start(in PathAddress path)
    {
        Active = path;
        _valid.Add(path);
    }

    public void Queue(ulong type, byte[] body, TimeSpan now)
    {
        _signals.Enqueue((type, body));
        SendNext(now, isWanted: false);
    }

    /// <summary>The application has something to say now.</summary>
    public void Write(TimeSpan now)
    {
        side.Finder.HandleHealth(new(Active, _ptoCount, Pto, _unacked is not null, now - LastReceived, WantsToSend: true), now);
        SendNext(now, isWanted: true);
    }

    public void Perform(PathAction action, TimeSpan now)
    {
        switch (action)
        {
            case PathAction.Validate validate:
                _validations[validate.Path] = (now, now + ValidationTime, 0);
                break;
            case PathAction.Switch move when !_valid.Contains(move.Path):
                side.Finder.HandlePath(move.Path, PathState.Failed, now);
                break;
            case PathAction.Switch move:
                var old = Active;
                Activate(move.Path, now);
                _left = old;
                // Never without a packet that is more than a probe: the peer follows that one.
                if (_unacked is not null) { Send(_unacked with { Number = _number++ }, now); }
                else { SendNext(now, isWanted: true); }
                break;
            case PathAction.Remove remove when remove.Path != Active:
                _valid.Remove(remove.Path);
                _validations.Remove(remove.Path);
                break;
        }
    }

    public void Handle(in PathAddress path, ModelFrame frame, TimeSpan now)
    {
        LastReceived = now;
        if (frame.Kind is ModelFrameKind.Challenge)
        {
            side.Send(path, new(null, new(ModelFrameKind.Response, _number++, frame.Value), 1200), now);
            return;
        }
        if (frame.Kind is ModelFrameKind.Response)
        {
            if (_validations.Remove(path)) { _valid.Add(path); side.Finder.HandlePath(path, PathState.Validated, now); }
            return;
        }
        if (frame.Number > _highest)
        {
            _highest = frame.Number;
            if (path != Active && !(now < _unsettledUntil && (isClient || path == _left)))
            {
                Activate(path, now);
                if (!_valid.Contains(path)) { _validations[path] = (now, now + ValidationTime, 0); }
            }
        }
        if (frame.Kind is ModelFrameKind.Message)
        {
            if (frame.Value == _messageIn)
            {
                _messageIn++;
                if (frame.Signal is not null) { side.Finder.HandleSignal(frame.SignalType, frame.Signal, now); }
            }
            side.Send(Active, new(null, new(ModelFrameKind.Ack, _number++, frame.Value), 60), now);
            return;
        }
        if (_unacked is null || frame.Value != _unacked.Value) { return; }
        _unacked = null;
        _unsettledUntil = now;
        _left = null;
        LastProgress = now;
        var wasLate = _ptoCount > 0;
        _ptoCount = 0;
        if (wasLate) { side.Finder.HandleHealth(new(Active, 0, Pto, false, TimeSpan.Zero, false), now); }
        SendNext(now, isWanted: false);
    }

    public void HandleTimeout(TimeSpan now)
    {
        foreach (var (path, validation) in _validations.ToList())
        {
            if (validation.End <= now)
            {
                _validations.Remove(path);
                if (path != Active || !_valid.Contains(path)) { side.Finder.HandlePath(path, PathState.Failed, now); }
            }
            else if (validation.Next <= now)
            {
                _validations[path] = validation with { Next = now + (Pto * (1 << validation.Sent)), Sent = validation.Sent + 1 };
                side.Send(path, new(null, new(ModelFrameKind.Challenge, _number++, 0), 1200), now);
            }
        }
        if (_unacked is not null)
        {
            if (_ptoAt > now) { return; }
            _ptoCount++;
            _ptoAt = now + (Pto * (1 << Math.Min(_ptoCount, 6)));
            Send(_unacked with { Number = _number++ }, now);
            side.Finder.HandleHealth(new(Active, _ptoCount, Pto, true, now - LastReceived, false), now);
            return;
        }
        if (Deadline <= now) { SendNext(now, isWanted: true); }
    }

    private void Activate(in PathAddress path, TimeSpan now)
    {
        if (path == Active) { return; }
        Active = path;
        Moves++;
        _ptoCount = 0;
        _left = null;
        _unsettledUntil = now + (3 * Pto);
        if (_unacked is not null) { _ptoAt = now + Pto; }
        side.Finder.HandlePath(path, PathState.Activated, now);
    }

    private void SendNext(TimeSpan now, bool isWanted)
    {
        if (_unacked is not null || (_signals.Count == 0 && !isWanted)) { return; }
        _unacked = _signals.TryDequeue(out var signal)
            ? new(ModelFrameKind.Message, _number++, _messageOut++, signal.Type, signal.Body)
            : new(ModelFrameKind.Message, _number++, _messageOut++);
        _nextTraffic = now + TimeSpan.FromMilliseconds(500);
        _ptoAt = now + Pto;
        Send(_unacked, now);
    }

    private void Send(ModelFrame frame, TimeSpan now)
    {
        _lastSent = now;
        side.Send(Active, new(null, frame, 400), now);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
