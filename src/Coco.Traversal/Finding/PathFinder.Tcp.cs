using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>Direct TCP, where UDP cannot: both connect to each other from their listening ports at once, so that NATs that keep ports let them meet
/// (RFC 9293 §3.5).</summary>
internal sealed partial class PathFinder
{
    private const int MaxTcpRequests = 32;

    private readonly HashSet<int> _tcpRequests = [];
    private TimeSpan _tcpNext = Way.Never; // a peer must not make us knock at many doors

    private bool IsTcpPossible => _options.MaxTcpAttempts > 0 && (_peer!.Candidates.Any(IsTcp) || (_told is not null && _told.Candidates.Any(IsTcp)));

    /// <summary>A TCP link that <see cref="PathAction.OpenTcp"/> asked for is open, or could not be opened.</summary>
    public void HandleTcp(int request, Link? link, TimeSpan now)
    {
        var isWanted = !_isDisposed && _tcpRequests.Remove(request);
        if (link is { } opened)
        {
            // Whoever accepted it is nobody until a probe comes back.
            var way = isWanted ? Find(new(opened)) ?? Add(new(opened), CandidateKind.Tcp) : null;
            if (way is null) { Ask(new PathAction.CloseLink(opened)); }
            else { way.Begin(ProbePlan.Check, now); }
        }
        Step(now);
    }

    private void BeginTcp(TimeSpan now)
    {
        if (now < _tcpNext) { return; }
        _tcpNext = now + _options.FirstRetry;
        _hasTriedTcp = true;
        Enter(SearchStage.Tcp, now + _options.TcpBudget);
        var attempts = 0;
        foreach (var candidate in _peer!.Candidates)
        {
            if (!IsTcp(candidate) || !IsWorthTrying(candidate.Address)) { continue; }
            if (attempts++ == _options.MaxTcpAttempts || _tcpRequests.Count == MaxTcpRequests) { return; }
            _tcpRequests.Add(++_nextRequest);
            Ask(new PathAction.OpenTcp(_nextRequest, candidate.Address, FromListeningPort: true));
        }
    }

    private static bool IsTcp(PeerCandidate candidate) => candidate.Kind is CandidateKind.Tcp or CandidateKind.TcpReflexive;
}
