using Coco.Traversal.Links;
using System.Buffers.Binary;

namespace Coco.Traversal.Finding;

/// <summary>Probes in, probes out.</summary>
internal sealed partial class PathFinder
{
    private const int MaxPongs = 64;

    private readonly Queue<(PathAddress Path, ulong Echo, bool IsWide)> _pongs = new();
    private KeepAliveEvidence? _evidence;
    private bool _hasHeardDirectly; // an authentic probe came, not through a relay, since the last change
    private bool _hasDirectAnswered; // and one was answered there

    /// <summary>Bytes that <see cref="TryTakeProbe"/> needs.</summary>
    public const int MaxProbeLength = FirstByte.RelayedHeaderLength + ProbeSealer.WideLength;

    /// <summary>A datagram with our <see cref="ProbeSession"/> came, from whomever; of a relayed one, what the relay's header encloses.
    /// It is opened in place.</summary>
    public void HandleProbe(in PathAddress path, Span<byte> datagram, TimeSpan now)
    {
        if (_isDisposed || !_sealer.TryOpen(datagram, out var probe) || !IsUsable(path)) { return; }
        var way = Find(path) ?? Add(path, CandidateKind.PeerReflexive);
        if (!path.IsRelayed) { _hasHeardDirectly = true; }
        if (way is not null) { way.LastHeard = now; }
        if (probe.Kind is ProbeKind.Ping)
        {
            if (_pongs.Count == MaxPongs) { _pongs.Dequeue(); }
            _pongs.Enqueue((path, probe.Counter, probe.IsWide));
            // It reaches us; does the way back exist? A path that is being tried sends by itself soon, but perhaps behind the peer's deadline.
            if (way is { IsOpen: false } && way.LastPinged < now - ProbePlan.Triggered.Delay(1)) { way.Begin(ProbePlan.Triggered, now); }
        }
        else if (way is not null) { HandlePong(way, probe, now); }
        Step(now);
    }

    /// <summary>Writes the next probe that is due. The buffer has <see cref="MaxProbeLength"/> bytes at least.</summary>
    public bool TryTakeProbe(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        transmit = default;
        if (_isDisposed) { return false; }
        if (_pongs.TryDequeue(out var pong))
        {
            transmit = Finish(buffer, pong.Path, WritePong(Body(buffer, pong.Path), pong), hopLimit: 0);
            return true;
        }
        foreach (var way in _ways)
        {
            if (way.TryTakeWide(now))
            {
                var length = _sealer.WritePing(Body(buffer, way.Path), out var counter, isWide: true);
                way.HandlePinged(counter, now);
                transmit = Finish(buffer, way.Path, length, hopLimit: 0);
                return true;
            }
            while (way.TryTakeDue(now, out var isOpener))
            {
                if (!way.HasAnswered && way.IsDirectUdp && !MayKnock(way, now)) { continue; }
                var length = _sealer.WritePing(Body(buffer, way.Path), out var counter);
                if (!isOpener) { way.HandlePinged(counter, now); }
                transmit = Finish(buffer, way.Path, length, isOpener ? _options.OpenerHopLimit : (byte)0);
                return true;
            }
        }
        return TryTakeBirthdayProbe(buffer, now, out transmit);
    }

    /// <summary>A silence that a mapping of our NAT's did not survive.</summary>
    public bool TryTakeEvidence(out KeepAliveEvidence evidence)
    {
        evidence = _evidence.GetValueOrDefault();
        var has = _evidence is not null;
        _evidence = null;
        return has;
    }

    private void HandlePong(Way way, in Probe probe, TimeSpan now)
    {
        var silence = now - way.LastAnswered;
        if (!way.TryAnswer(probe.Echo, now))
        {
            // An answer to a probe that went elsewhere: the peer's NAT sends from here. Ask on this path itself.
            if (!way.IsOpen && !way.IsProbing) { way.Begin(ProbePlan.Triggered, now); }
            return;
        }
        HandleAnswered(way, now);
        NoteMapping(way, probe.Observed, silence);
        if (way.IsExamined) { _narrowFailures++; }
        way.IsExamined = false;
        _hasWideAnswered |= probe.IsWide && way.IsDirectUdp;
        if (!way.IsOpen)
        {
            way.IsOpen = true;
            way.Failures = 0;
            way.RetryAt = now;
            if (way.IsDirectUdp)
            {
                way.Confirm(_options.ConfirmingProbes, now);
                _hasDirectAnswered = true;
            }
            FindingLog.PathFound(_logger, way.Class, (now - _startedAt).TotalMilliseconds, way.Rtt.GetValueOrDefault().TotalMilliseconds);
        }
        if (way == _active && !_isDeadToData) { _isActiveDead = false; }
        HandleRaceAnswer(way, now);
        if (way.IsDirectUdp && _stage is SearchStage.Birthday) { EndBirthday(BirthdayStep.Stop); }
    }

    /// <summary>Another outer address after a silence: the mapping died and was made anew. The same one says nothing: NATs that keep ports give
    /// it to the new mapping too.</summary>
    private void NoteMapping(Way way, in NetworkAddress observed, TimeSpan silence)
    {
        if (!way.IsDirectUdp) { return; }
        if (!way.Observed.IsUnspecified && way.Observed != observed && HasMapping(way) && silence >= KeepAliveLearner.Shortest / 2) { _evidence = new(silence, observed.IsIpv4); }
        way.Observed = observed;
    }

    private bool MayKnock(Way way, TimeSpan now)
    {
        var address = way.Path.Link.Remote;
        if (!(_budget ??= new(_options.SilentProbesPerMinute, _options.SilentProbesPerAddress)).TryTake(address, now) || _common?.TryTake(address, now) is false) { return false; }
        way.Knocks++;
        return true;
    }

    // Who is called again and again would be out of reach for the rest of the minute, as each call knocks anew.
    private void HandleAnswered(Way way, TimeSpan now)
    {
        if (way.Knocks == 0) { return; }
        _budget?.GiveBack(way.Path.Link.Remote, way.Knocks, now);
        _common?.GiveBack(way.Path.Link.Remote, way.Knocks, now);
        way.Knocks = 0;
    }

    /// <summary>It was quiet, then it was dead, and another path lives: a NAT's mapping on the way has timed out.</summary>
    private void NoteDeath()
    {
        if (_isActiveDead || !_active!.IsDirectUdp || _suspectSilence < KeepAliveLearner.Shortest || !HasOtherHeardSince(_suspectSince)) { return; }
        if (HasMapping(_active)) { _evidence = new(_suspectSilence, _active.Path.Link.Remote.IsIpv4); }
        else { _active.IsForgotten = true; }
    }

    private int WritePong(Span<byte> body, in (PathAddress Path, ulong Echo, bool IsWide) pong) =>
        // Of a relayed ping only the relay's address is known, and that is none of the peer's.
        _sealer.WritePong(body, pong.Echo, pong.Path.IsRelayed ? NetworkAddress.FromIpv4(0, 0) : pong.Path.Link.Remote, pong.IsWide);

    private static Span<byte> Body(Span<byte> buffer, in PathAddress path) => path.IsRelayed ? buffer[FirstByte.RelayedHeaderLength..] : buffer;

    private static LinkTransmit Finish(Span<byte> buffer, in PathAddress path, int length, byte hopLimit)
    {
        if (path.IsRelayed)
        {
            buffer[0] = FirstByte.Relayed;
            BinaryPrimitives.WriteUInt64BigEndian(buffer[1..], path.Session);
            length += FirstByte.RelayedHeaderLength;
        }
        return new(path.Link, length, length, HopLimit: hopLimit);
    }

    /// <summary>Whether the policy lets a path carry this connection.</summary>
    private bool IsUsable(in PathAddress path) => path.IsRelayed || (!_policy.RelayOnly && _policy.Allows(path.Link.Remote));

    private void EndPlans(TimeSpan now)
    {
        for (var i = _ways.Count - 1; i >= 0; i--)
        {
            var way = _ways[i];
            if (!way.TryEndPlan(now) || way.IsRelayed) { continue; } // a relay is asked about its sessions, not the probes
            if (way == _active) { continue; } // data decides there, and the race
            if (way.Class is PathClass.DirectTcp && !way.IsOpen) { Drop(way); }
            else if (way.IsOpen)
            {
                if (way.Validation is not WayValidation.None) { Ask(new PathAction.Remove(way.Path)); }
                way.Forget();
                if (!HasOpenDirectUdp) { (_narrowFailures, _hasWideAnswered) = (0, false); } // what answers nothing is not narrow but dead
            }
        }
    }
}
