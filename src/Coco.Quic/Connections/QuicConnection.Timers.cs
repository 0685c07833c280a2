using System.Runtime.CompilerServices;
using Coco.Quic.Congestion;
using Coco.Quic.Paths;
using Coco.Quic.Recovery;

namespace Coco.Quic.Connections;

/// <summary>Everything that happens because time passes (RFC 9000 §10.1, RFC 9002 §6.2).</summary>
public sealed partial class QuicConnection
{
    private const long LongestProbeTimeout = TimeSpan.TicksPerMinute;

    // Chosen: what TCP has lost it sends again after 200 ms at the latest (Linux; RFC 6298 §2.4 has a second), twice that when it is lost
    // again, and all behind it waits. Sooner, our probes would only queue up there.
    private const long LeastReliableTimeout = 500 * TimeSpan.TicksPerMillisecond;

    private long _lastSentAfterReceived;
    private long _keepAlive;

    int ITimed.TimerIndex { get; set; } = -1;

    long ITimed.TimerDeadline { get; set; }

    /// <summary>Whether it waits in the endpoint's queue of connections that may have something to send.</summary>
    internal bool IsScheduled { get; set; }

    /// <summary>Whether it waits in the endpoint's queue of connections to which something has happened.</summary>
    internal bool IsReady { get; set; }

    /// <summary>Silence after which a PING keeps the connection and its NAT mapping alive; zero for none. Starts as
    /// <see cref="QuicOptions.KeepAlive"/> says; a host that learns how long mappings live sets it.</summary>
    public TimeSpan KeepAlive
    {
        get => TimeSpan.FromTicks(_keepAlive);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            if (_keepAlive == value.Ticks) { return; }
            _keepAlive = value.Ticks;
            Touch();
        }
    }

    /// <summary>Probe timeouts in a row without an acknowledgement (RFC 9002 §6.2.1): data is in flight, and nothing is heard of it.</summary>
    public int ProbeTimeouts => _ptoCount;

    /// <summary>The probe timeout of the path in use, without backoff (RFC 9002 §6.2.1).</summary>
    public TimeSpan ProbeTimeout => TimeSpan.FromTicks(PtoOf(_active));

    /// <summary>When an authentic packet last arrived, on any path.</summary>
    public TimeSpan LastReceived => TimeSpan.FromTicks(_lastReceived);

    /// <summary>Whether packets wait for their acknowledgement.</summary>
    public bool HasInFlight => HasUnacknowledged(_data);

    /// <summary>Says that the path in use has come back to life, as a probe beside this connection has shown: what timed out is sent again
    /// now, not when the backed-off timer says.</summary>
    public void HandlePathAlive(TimeSpan now)
    {
        if (_ptoCount == 0 || State != ConnectionState.Connected || !HasUnacknowledged(_data)) { return; }
        _ptoCount = 0;
        _data.LastProgress = now.Ticks;
        _data.ProbesToSend = 2;
        ResendOldest(_data);
        Qlog?.ProbeTimeout(_data.Level, now.Ticks);
        Touch();
    }

    private long IdleTimeout
    {
        get
        {
            // RFC 9000 §10.1: the lower of both ends' timeouts, but three times the PTO at least.
            var own = _options.IdleTimeout.Ticks;
            var peer = (long)Math.Min(_peerParameters?.MaxIdleTimeoutMs ?? 0, int.MaxValue) * TimeSpan.TicksPerMillisecond;
            var timeout = own == 0 ? peer : peer == 0 ? own : Math.Min(own, peer);
            return timeout == 0 ? 0 : Math.Max(timeout, 3 * PtoOf(_active));
        }
    }

    /// <summary>The next time at which something happens by itself; <see cref="long.MaxValue"/> for never.</summary>
    internal long NextDeadline()
    {
        if (State == ConnectionState.Closed) { return long.MaxValue; }
        if (State is ConnectionState.Closing or ConnectionState.Draining) { return _closeDeadline; }

        var deadline = long.MaxValue;
        var isHeld = _endpoint.IsFull(_active.Info.Underlay); // what waits for room is looked at when there is some, not by the clock
        Earliest(ref deadline, EndOfSilence);
        if (State == ConnectionState.Handshaking) { Earliest(ref deadline, _startTime + _options.HandshakeTimeout.Ticks); }
        else if (_keepAlive > 0 && !_pingPending) { Earliest(ref deadline, KeepAliveTime); }
        if (_maySend && _active.SendAllowance >= LeastAllowance)
        {
            AddRecovery(ref deadline);
            if (!isHeld)
            {
                AddAck(ref deadline, _initial);
                AddAck(ref deadline, _handshakeSpace);
                AddAck(ref deadline, _data);
            }
        }
        if (_previousKeysEnd != 0) { Earliest(ref deadline, _previousKeysEnd); }
        if (_pacedUntil != 0) { Earliest(ref deadline, _pacedUntil); }
        if (_confirmed && !isHeld && _active.Congestion.CanSend(_active.Mtu.Current)) { Earliest(ref deadline, _active.Mtu.Deadline); }
        foreach (var path in _paths)
        {
            if (path.Validation.Deadline == 0) { continue; }
            Earliest(ref deadline, path.Validation.Deadline);
            if (path.SendAllowance >= LeastAllowance && !_endpoint.IsFull(path.Info.Underlay)) { Earliest(ref deadline, path.Validation.NextChallenge); }
        }
        return deadline;
    }

    internal void HandleTimeout(long now)
    {
        Qlog?.At(now);
        switch (State)
        {
            case ConnectionState.Closed:
                return;
            case ConnectionState.Closing or ConnectionState.Draining:
                if (_closeDeadline <= now) { Finish(CloseReason!); }
                return;
            case ConnectionState.Handshaking when _startTime + _options.HandshakeTimeout.Ticks <= now:
                Finish(new(CloseKind.HandshakeTimeout, 0, 0, "The peer did not complete the handshake in time. Check that it runs and that its address is reachable."));
                return;
        }
        if (EndOfSilence <= now)
        {
            Finish(new(CloseKind.IdleTimeout, 0, 0, "Nothing was heard from the peer for the idle timeout."));
            return;
        }
        if (_keepAlive > 0 && State == ConnectionState.Connected && KeepAliveTime <= now) { _pingPending = true; }
        if (_previousKeysEnd != 0 && _previousKeysEnd <= now) { DropPreviousKeys(); }
        CheckValidations(now);
        if (State is ConnectionState.Closed) { return; }
        CheckRecovery(now);
    }

    // The peer's idle timeout may be shorter than what the host goes by; a quarter of it is left for packets that are lost (RFC 9000 §10.1.2).
    private long KeepAliveTime =>
        Math.Max(LastActivity, _data.TimeOfLastAckEliciting) + (IdleTimeout is > 0 and var idle ? Math.Min(_keepAlive, idle / 4 * 3) : _keepAlive);

    // RFC 9000 §10.1: the timer begins anew with what is heard, and with the first that asks for an answer since.
    private long EndOfSilence
    {
        get
        {
            var silence = IdleTimeout is > 0 and var idle ? idle : long.MaxValue;
            // A lost probe of the path MTU is not asked for again; whatever else is, within a few probe timeouts.
            if (_options.AnswerTimeout.Ticks is > 0 and var answer && _sentSinceReceived && _ptoCount > 0)
            {
                silence = Math.Min(silence, Math.Max(answer, 3 * PtoOf(_active)));
            }
            return silence == long.MaxValue ? long.MaxValue : LastActivity + silence;
        }
    }

    private long LastActivity => Math.Max(_lastReceived, _lastSentAfterReceived);

    /// <summary>The PTO of a path without backoff (RFC 9002 §6.2.1).</summary>
    private long PtoOf(NetworkPath path) => Math.Max(path.Rtt.PtoBase(_confirmed ? PeerMaxAckDelay : 0), LeastTimeoutOf(path));

    // Where only the first leg is a stream, to a relay, it halts all the same; what the rest of the way loses is found out a little later.
    private static long LeastTimeoutOf(NetworkPath path) => path.Info is { Kind: PathKind.Reliable } or { Underlay: not 0 } ? LeastReliableTimeout : 0;

    private void AddRecovery(ref long deadline)
    {
        var lossTime = EarliestLossTime(out _);
        if (lossTime != 0) { Earliest(ref deadline, lossTime); return; }
        if (ProbeTime(out _) is > 0 and var probe) { Earliest(ref deadline, probe); }
    }

    /// <summary>RFC 9002 A.8, GetPtoTimeAndSpace; 0 when the timer is not armed.</summary>
    private long ProbeTime(out PacketSpace? space)
    {
        space = null;
        // §A.8: at the anti-amplification limit the server waits for the client.
        if (_active.SendAllowance < LeastAllowance) { return 0; }
        var period = _active.Rtt.PtoBase(0);
        var moved = _endpoint.LastChangeOf(_active.Info.Underlay);
        if (_initial is not null && !HasUnacknowledged(_initial) && !(_handshakeSpace is not null && HasUnacknowledged(_handshakeSpace)) && !HasUnacknowledged(_data) && !PeerHasValidatedUs)
        {
            // §6.2.2.1: a client that has nothing in flight still has to help the server past its anti-amplification limit.
            space = _handshakeSpace is { WriteKeys: not null } ? _handshakeSpace : _initial;
            return Math.Max(_startTime, Math.Max(_lastReceived, _initial.TimeOfLastAckEliciting)) + (BackedOff(period));
        }
        if (_initial is null && _handshakeSpace is { WriteKeys: not null } && _isClient && !HasUnacknowledged(_handshakeSpace) && !HasUnacknowledged(_data) && !PeerHasValidatedUs)
        {
            space = _handshakeSpace;
            return Math.Max(_lastReceived, _handshakeSpace.TimeOfLastAckEliciting) + (BackedOff(period));
        }
        long earliest = 0;
        Consider(_initial, BackedOff(period), moved, ref earliest, ref space);
        Consider(_handshakeSpace, BackedOff(period), moved, ref earliest, ref space);
        // §6.2.1: no PTO for application data before the handshake is confirmed.
        var dataPeriod = BackedOff(period + PeerMaxAckDelay);
        if (_confirmed) { Consider(_data, dataPeriod, moved, ref earliest, ref space); }
        else if (State == ConnectionState.Connected && earliest == 0) { Consider(_data, dataPeriod, moved, ref earliest, ref space); }
        return earliest;

        static void Consider(PacketSpace? candidate, long period, long moved, ref long earliest, ref PacketSpace? space)
        {
            if (candidate is null || !HasUnacknowledged(candidate)) { return; }
            // What waited in a full stream below says nothing about the peer until the stream has moved and then a whole period has passed.
            var time = Math.Max(candidate.ProbeTimerStart, moved) + period;
            if (earliest != 0 && time >= earliest) { return; }
            (earliest, space) = (time, candidate);
        }
    }

    // RFC 9002 §6.2.1 doubles without end. Like TCP's timer (RFC 6298 §2.5) it stops at a minute, so that a connection with a long
    // idle timeout is found again soon after its path has come back.
    private long BackedOff(long period) =>
        Math.Max(Math.Max(period, LeastTimeoutOf(_active)), Math.Min(period << Math.Min(_ptoCount, 16), LongestProbeTimeout));

    private static bool HasUnacknowledged(PacketSpace space) => space.Sent.Count > 0;

    private long EarliestLossTime(out PacketSpace? space)
    {
        space = null;
        long earliest = 0;
        Consider(_initial, ref earliest, ref space);
        Consider(_handshakeSpace, ref earliest, ref space);
        Consider(_data, ref earliest, ref space);
        return earliest;

        static void Consider(PacketSpace? candidate, ref long earliest, ref PacketSpace? space)
        {
            if (candidate is null || candidate.LossTime == 0) { return; }
            if (earliest != 0 && candidate.LossTime >= earliest) { return; }
            (earliest, space) = (candidate.LossTime, candidate);
        }
    }

    /// <summary>RFC 9002 A.9, OnLossDetectionTimeout.</summary>
    private void CheckRecovery(long now)
    {
        if (!_maySend) { return; }
        if (EarliestLossTime(out var lossy) is not 0 and var lossTime)
        {
            if (lossTime > now) { return; }
            var batch = new AckBatch(_active.Congestion, now);
            var isPersistent = DetectLosses(lossy!, ref batch, long.MaxValue, now);
            if (batch.LostPackets > 0) { ApplyBatch(ref batch, isPersistent, now); }
            Qlog?.Metrics(_active, _ptoCount);
            return;
        }
        if (ProbeTime(out var space) is not (> 0 and var probe) || probe > now || space is null) { return; }
        _ptoCount++;
        space.LastProgress = now;
        // §6.2.4: one or two packets that elicit an acknowledgement, with new data or with what may be lost.
        space.ProbesToSend = Math.Min(2, space.ProbesToSend + (_ptoCount > 1 ? 2 : 1));
        if (space == _data) { ResendOldest(space); }
        ProbeHandshake(_initial);
        ProbeHandshake(_handshakeSpace);
        ProbeUnconfirmed(space);
        if (space == _data && _active.Mtu.Current > PathMtuDiscovery.Base && _active.Mtu.OnProbeTimeout(now))
        {
            _active.Congestion.SetMaxDatagramSize(_active.Mtu.Current);
        }
        Qlog?.ProbeTimeout(space.Level, now);
        Qlog?.Metrics(_active, _ptoCount);
    }

    // §6.2.4 allows to help other spaces with the same probes. It takes that: with all packets of a space declared lost its own timer
    // does not run, and those of another, which the peer has no keys for yet, may fill the window.
    private static void ProbeHandshake(PacketSpace? space)
    {
        if (space is { WriteKeys: not null, Crypto.IsAllAcked: false }) { space.ProbesToSend = Math.Max(1, space.ProbesToSend); }
    }

    // §6.2.4: a client helps with application data too, which has no timer before the handshake is confirmed (§6.2.1). A server whose
    // HANDSHAKE_DONE was lost has dropped the keys of what else the client could send, and would stay silent.
    private void ProbeUnconfirmed(PacketSpace space)
    {
        if (space == _data || !_isClient || State != ConnectionState.Connected || _data.Sent.Count == 0) { return; }
        _data.ProbesToSend = 1;
        ResendOldest(_data);
    }

    /// <summary>The content of the oldest packets is sent again with the probes, while the packets themselves may still be acknowledged.</summary>
    private void ResendOldest(PacketSpace space)
    {
        var sent = space.Sent;
        var left = space.ProbesToSend;
        for (long number = sent.First, end = sent.Next; number < end && left > 0; number++)
        {
            ref var packet = ref sent.Find(number);
            if (Unsafe.IsNullRef(ref packet) || !packet.Has(SentPacketFlags.AckEliciting) || packet.Has(SentPacketFlags.MtuProbe)) { continue; }
            if (packet.Stream.Length >= 0) { _streams.OnLost(packet.Stream); }
            for (var at = packet.Frames; at >= 0;)
            {
                ref var frame = ref _sentFrames.Peek(at);
                at = frame.Next;
                if (frame.Kind != SentFrameKind.Datagram) { OnFrameLost(space, frame); }
            }
            left--;
        }
    }

    private static void AddAck(ref long deadline, PacketSpace? space)
    {
        if (space is { AckDeadline: not 0 }) { Earliest(ref deadline, space.AckDeadline); }
    }

    private static void Earliest(ref long deadline, long candidate)
    {
        if (candidate < deadline) { deadline = candidate; }
    }
}
