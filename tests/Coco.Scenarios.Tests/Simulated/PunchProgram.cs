using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>
/// Raw simultaneous punching, as the kernel laboratory measured it: learn the outer address, then send to the other's every 40 ms; a
/// datagram from elsewhere makes that source a candidate too. Done when both have heard, and know that the other has.
/// </summary>
internal sealed class PunchProgram(NetworkAddress observer, byte openerHopLimit = 0) : TestProgram
{
    private const byte Answer = 1;
    private const byte Probe = 4;
    private const int MaxCandidates = 8;
    private const int LastAcknowledgements = 3;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(40);

    private readonly List<NetworkAddress> _candidates = [];
    private bool _hasHeard;
    private bool _otherHasHeard;
    private int _sentWhenDone;
    private bool _hasOpened;

    /// <summary>Where the observer sees us.</summary>
    public NetworkAddress? Outer { get; private set; }

    public bool IsDone => _hasHeard && _otherHasHeard;

    public override void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now)
    {
        base.HandleNetwork(snapshot, now);
        Send(LinkTo(observer), ObserverProgram.Question);
    }

    public void Begin(NetworkAddress remote, TimeSpan now)
    {
        if (!_candidates.Contains(remote)) { _candidates.Add(remote); }
        Deadline = now;
        HandleTimeout(now);
    }

    public override void HandleTimeout(TimeSpan now)
    {
        if (Deadline is not { } due || now < due) { return; }
        var hopLimit = _hasOpened ? (byte)0 : openerHopLimit;
        _hasOpened = true;
        foreach (var candidate in _candidates) { Send(LinkTo(candidate), [Probe, _hasHeard ? (byte)1 : (byte)0], hopLimit); }
        Deadline = IsDone && ++_sentWhenDone >= LastAcknowledgements ? null : now + Interval;
    }

    protected override void HandleDatagram(Link link, byte[] data, TimeSpan now)
    {
        if (data[0] == Answer && NetworkAddress.TryRead(data.AsSpan(1), out var outer, out _)) { Outer = outer; }
        if (data[0] != Probe) { return; }
        _hasHeard = true;
        _otherHasHeard |= data[1] == 1;
        if (_candidates.Count < MaxCandidates && !_candidates.Contains(link.Remote)) { _candidates.Add(link.Remote); }
    }

    private Link LinkTo(NetworkAddress remote) => new(LinkKind.Udp, Socket, remote);
}
