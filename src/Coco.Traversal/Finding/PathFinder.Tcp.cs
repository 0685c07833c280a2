using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>Direct TCP, where UDP cannot: both connect to each other from their listening ports at once, so that NATs that keep ports let them meet
/// (RFC 9293 §3.5).</summary>
internal sealed partial class PathFinder
{
    private const int MaxTcpRequests = 32;

    private const int MaxTcpTries = 32; // in one stage, to all addresses together
    private static readonly TimeSpan TcpAgain = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan UnknownRtt = TimeSpan.FromMilliseconds(50); // chosen: two lines of a country

    private Dictionary<int, NetworkAddress>? _tcpRequests; // both are there once TCP is tried
    private List<(NetworkAddress Address, TimeSpan At)>? _tcpAgain;
    private HashSet<NetworkAddress>? _tcpKnocked; // in this stage
    private int _tcpTries;
    private TimeSpan _tcpNext = Way.Never; // a peer must not make us knock at many doors

    private bool IsTcpPossible => _options.MaxTcpAttempts > 0 && (_peer!.Candidates.Any(IsTcp) || (_told is not null && _told.Candidates.Any(IsTcp)));

    /// <summary>A TCP link that <see cref="PathAction.OpenTcp"/> asked for is open, or could not be opened.</summary>
    public void HandleTcp(int request, Link? link, TimeSpan now)
    {
        NetworkAddress address = default;
        var isWanted = _tcpRequests?.Remove(request, out address) == true && !_isDisposed;
        if (link is { } opened)
        {
            // Whoever accepted it is nobody until a probe comes back.
            var way = isWanted ? Find(new(opened)) ?? Add(new(opened), CandidateKind.Tcp) : null;
            if (way is null) { Ask(new PathAction.CloseLink(opened)); }
            else { way.Begin(ProbePlan.Check, now); }
        }
        // Whose packet came first was refused by a NAT that had not seen the other's. Tries of both at one interval would miss each other again and again by what they
        // missed each other by at first, which is less than a round trip.
        else if (isWanted && _stage is SearchStage.Tcp && _tcpTries < MaxTcpTries) { _tcpAgain!.Add((address, now + TcpAgain + (SignalRtt * Fraction()))); }
        Step(now);
    }

    private void StepTcp(TimeSpan now)
    {
        for (var i = (_tcpAgain?.Count ?? 0) - 1; i >= 0; i--)
        {
            var (address, at) = _tcpAgain![i];
            if (at > now) { WakeAt(at); continue; }
            _tcpAgain.RemoveAt(i);
            if (_tcpTries < MaxTcpTries) { OpenTcp(address); }
        }
    }

    private void OpenTcp(in NetworkAddress address)
    {
        _tcpTries++;
        _tcpRequests!.Add(++_nextRequest, address);
        Ask(new PathAction.OpenTcp(_nextRequest, address, FromListeningPort: true));
    }

    private void BeginTcp(TimeSpan now)
    {
        if (now < _tcpNext) { return; }
        _tcpNext = now + _options.FirstRetry;
        _hasTriedTcp = true;
        Enter(SearchStage.Tcp, now + _options.TcpBudget);
        _tcpRequests ??= [];
        (_tcpAgain ??= []).Clear();
        (_tcpKnocked ??= []).Clear();
        _tcpTries = 0;
        KnockAtNewAddresses(now);
    }

    private TimeSpan SignalRtt => Min(_active?.Rtt ?? UnknownRtt, TcpAgain);

    private double Fraction()
    {
        Span<byte> random = stackalloc byte[1];
        _random.Fill(random);
        return random[0] / 256.0;
    }

    /// <summary>Also where the peer tells an address during the stage: the next stage is <see cref="PathFinderOptions.FirstRetry"/> away.</summary>
    private void KnockAtNewAddresses(TimeSpan now)
    {
        // Both have to send within the time that a packet takes from one to the other, and the controlled side begins when it is told to: half a round trip from now.
        var wait = _isControlling ? SignalRtt / 2 : TimeSpan.Zero;
        foreach (var candidate in _peer!.Candidates)
        {
            if (_tcpKnocked!.Count == _options.MaxTcpAttempts || _tcpRequests!.Count + _tcpAgain!.Count >= MaxTcpRequests) { break; }
            if (IsTcp(candidate) && IsWorthTrying(candidate.Address) && _tcpKnocked.Add(candidate.Address)) { _tcpAgain!.Add((candidate.Address, now + wait)); }
        }
        StepTcp(now);
    }

    private static bool IsTcp(PeerCandidate candidate) => candidate.Kind is CandidateKind.Tcp or CandidateKind.TcpReflexive;
}
