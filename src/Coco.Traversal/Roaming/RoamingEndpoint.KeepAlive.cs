using Coco.Traversal.Finding;
using Coco.Traversal.Links;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Roaming;

/// <summary>How long mappings of our NAT live: tried once for each network, used by all connections.</summary>
internal sealed partial class RoamingEndpoint
{
    private const int MaxLearners = 64; // chosen: more NATs than a traveller sees in a day

    /// <summary>How often quiet paths have to be used: as the family with the shorter memory needs it, for a connection may go over both.</summary>
    internal TimeSpan KeepAlive
    {
        get
        {
            var interval = KeepAliveLearner.Longest;
            var isAnyKnown = false;
            foreach (var trials in _trials)
            {
                if (!trials.IsInUse) { continue; }
                isAnyKnown = true;
                if (trials.Learner.Interval < interval) { interval = trials.Learner.Interval; }
            }
            return isAnyKnown ? interval : KeepAliveLearner.First;
        }
    }

    /// <summary>Requests that trials have sent; for tests.</summary>
    internal int TrialRequestsSent => _trials.Sum(static trials => trials.RequestsSent);

    // What was learnt of a NAT holds when the host comes back behind it.
    private void BeginTrials(MappingTrials trials, NatReport? report, TimeSpan now)
    {
        if (report?.MappedAddress is not { } mapped || report.IsUdpBlocked) { return; }
        var outer = mapped.WithPort(0);
        if (!_learners.TryGetValue(outer, out var learner))
        {
            if (_learners.Count >= MaxLearners) { _learners.Clear(); }
            _learners.Add(outer, learner = new());
        }
        var observers = report.MappedAddresses.Where(static each => !each.IsSuspicious).Select(static each => each.Observer).ToArray();
        if (observers.Length > 0 && TryLinkTo(observers[0], out var link)) { trials.Begin(learner, observers, link.Number, now); }
    }

    private bool IsSpare(in Link link) => _trials[0].Owns(link) || _trials[1].Owns(link);

    private bool HandleForTrials(in Link link, ReadOnlySpan<byte> datagram, TimeSpan now) =>
        _trials[0].HandleDatagram(link, datagram, now) || _trials[1].HandleDatagram(link, datagram, now);

    private void PumpTrials(TimeSpan now)
    {
        var mayChange = false;
        for (var i = 0; i < _trials.Length; i++)
        {
            var trials = _trials[i];
            if (trials.TryTakeSocketRequest()) { OpenSocketFor(trials, isIpv4: i == 0, now); }
            while (trials.TryTakeUnused(out var socket)) { CloseSocket(socket); }
            mayChange |= trials.TryTakeChange();
        }
        if (mayChange && KeepAlive != Situation.KeepAlive) { UpdateSituation(isNetworkChanged: false, now); }
    }

    private void OpenSocketFor(MappingTrials trials, bool isIpv4, TimeSpan now) =>
        OpenSockets(1, isIpv4, (sockets, then) => trials.HandleSocket(sockets.Length > 0 ? sockets[0] : null, then), now);
}
