using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Coco.Traversal.Finding;

/// <summary>Messages to and from the other path finder.</summary>
internal sealed partial class PathFinder
{
    private const int MaxPendingSignals = 32;

    private readonly Queue<(ulong Type, PunchMessage Punch, BirthdayMessage Birthday)> _signals = new();
    private CandidatesMessage? _told; // what the peer knows of us, or is about to
    private bool _isTellingDue;

    /// <summary>Takes the next message for the peer.</summary>
    public bool TryTakeSignal(IBufferWriter<byte> body, out ulong type)
    {
        type = 0;
        if (_isDisposed) { return false; }
        if (_isTellingDue && _told is not null)
        {
            _isTellingDue = false;
            type = SignalType.Candidates;
            _told.Write(body);
            return true;
        }
        if (!_signals.TryDequeue(out var signal)) { return false; }
        type = signal.Type;
        if (type == SignalType.Punch) { signal.Punch.Write(body); }
        else { signal.Birthday.Write(body); }
        return true;
    }

    /// <summary>A message of the peer's, in the order in which it sent them. False when it breaks the protocol.</summary>
    public bool HandleSignal(ulong type, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (_isDisposed || !SignalType.IsKnown(type)) { return true; }
        if (!TryHandleSignal(type, body, now))
        {
            FindingLog.BadSignal(_logger, type);
            return false;
        }
        Step(now);
        return true;
    }

    private bool TryHandleSignal(ulong type, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (type == SignalType.Candidates)
        {
            if (!CandidatesMessage.TryRead(body, out var candidates)) { return false; }
            HandleCandidates(candidates, now);
            return true;
        }
        if (type == SignalType.Punch)
        {
            if (!PunchMessage.TryRead(body, out var punch)) { return false; }
            HandlePunch(punch, now);
            return true;
        }
        if (!BirthdayMessage.TryRead(body, out var birthday)) { return false; }
        HandleBirthday(birthday, now);
        return true;
    }

    private void HandleCandidates([NotNull] CandidatesMessage? message, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(message);
        var isChanged = _peer is not null && message.Flags.HasFlag(PeerFlags.NetworkChanged) && message.Generation != _peer.Generation;
        _peer = message;
        if (isChanged) { ForgetFailures(now); }
        if (_stage is SearchStage.Tcp) { KnockAtNewAddresses(now); }
        WantRound(now);
    }

    private void Tell(in PunchMessage message) => Enqueue((SignalType.Punch, message, default));

    private void Tell(in BirthdayMessage message) => Enqueue((SignalType.Birthday, default, message));

    private void Enqueue(in (ulong, PunchMessage, BirthdayMessage) signal)
    {
        if (_signals.Count == MaxPendingSignals) { _signals.Dequeue(); } // the connection does not take them: the oldest are of no use
        _signals.Enqueue(signal);
    }

    /// <summary>Makes the list of what the peer may know of us. False when it is what the peer knows already.</summary>
    private bool UpdateCandidates(bool isNetworkChanged)
    {
        var flags = (_options.AllowsBirthday ? PeerFlags.AllowsBirthday : 0) | (_own.IsUdpBlocked ? PeerFlags.UdpBlocked : 0)
            | (_policy.RelayOnly ? PeerFlags.RelayOnly : 0);
        var candidates = _policy.RelayOnly ? [] : _own.Tellable(_policy);
        var mapping = _policy.RelayOnly ? MappingClass.Unknown : _own.Mapping;
        var isEqual = _told is not null && !isNetworkChanged && _told.Mapping == mapping
            && (_told.Flags & ~PeerFlags.NetworkChanged) == flags && _told.Candidates.SequenceEqual(candidates);
        if (isEqual) { return false; }
        // A change that the peer has not been told of yet stays one.
        if (_told is not null && (isNetworkChanged || (_isTellingDue && _told.Flags.HasFlag(PeerFlags.NetworkChanged)))) { flags |= PeerFlags.NetworkChanged; }
        _told = new((_told?.Generation ?? 0) + 1, mapping, flags, candidates);
        _isTellingDue = true;
        return true;
    }
}
