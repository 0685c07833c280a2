using Coco.Traversal.Links;

namespace Coco.Traversal.Stun;

/// <summary>
/// Looks at the NAT of one address family, in rounds. Each round asks every observer once; a deep one, at the start and after a change,
/// goes on as far as the answers allow:
/// <code>
/// Mapped, all observers ─┬─ first with another address: Filtering ──(1)── MappedElsewhere
///                        └─ second socket: SecondMapped ── Hairpin, both ways
/// </code>
/// (1): MappedElsewhere sends to where Filtering listens from, and so opens the filter. With a second socket, which never sends there,
/// both go at once. Without one filtering is tested only while the socket is new to that address.
/// </summary>
internal sealed partial class FamilyProber(bool isIpv4, StunClient client, NatProberOptions options)
{
    private readonly Dictionary<TransactionId, NatQuestion> _questions = [];
    private readonly List<NetworkAddress> _own = [];
    private NetworkAddress[] _observers = [];
    private LocalSocket? _socket;
    private LocalSocket? _second;
    private Round _round;
    private bool _hasCompleted;
    private bool _needsDeep;
    private bool _hasSentElsewhere; // from the first socket
    private int _silentRounds;

    public bool IsIpv4 { get; } = isIpv4;

    /// <summary>When the next round begins; null while one is under way or there is nobody to ask.</summary>
    public TimeSpan? NextRound { get; private set; }

    private bool CanAsk => _socket is not null && _own.Count > 0 && _observers.Length > 0;

    /// <summary>What is known is of the network we were in: if anything changed, all is asked anew.</summary>
    public void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now)
    {
        LocalSocket? socket = null;
        foreach (var one in snapshot.Sockets) { if (socket is null && (IsIpv4 ? one.IsIpv4 : one.IsIpv6)) { socket = one; } }
        // A link-local address alone leads to no observer.
        var own = snapshot.Interfaces.Select(one => one.Address.WithPort(0)).Where(one => one.IsIpv4 == IsIpv4 && !one.IsLinkLocal).ToList();
        var isSame = socket == _socket && own.SequenceEqual(_own);
        _socket = socket;
        _own.Clear();
        _own.AddRange(own);
        if (!isSame) { Forget(); }
        // Another router may stand behind the same addresses.
        Start(isDeep: true, now);
    }

    public void SetObservers(IEnumerable<NetworkAddress> observers, TimeSpan now)
    {
        var chosen = observers.Where(one => one.IsIpv4 == IsIpv4 && one.IsSendable).Distinct().Take(options.MaxObservers).ToArray();
        if (chosen.SequenceEqual(_observers)) { return; }
        _observers = chosen;
        foreach (var (endpoint, view) in _observations.ToArray())
        {
            if (!chosen.Contains(view.Observer)) { _observations.Remove(endpoint); }
        }
        foreach (var gone in _failures.Keys.Except(chosen).ToArray()) { _failures.Remove(gone); }
        Start(isDeep: true, now);
    }

    /// <summary>A socket that nothing else uses, for hairpin and filtering.</summary>
    public void SetSecond(LocalSocket socket, TimeSpan now)
    {
        if (_second == socket) { return; }
        _second = socket;
        Start(isDeep: true, now);
    }

    public void ReleaseSecond(TimeSpan now)
    {
        _second = null;
        Cancel(NatQuestionKind.SecondMapped);
        Cancel(NatQuestionKind.Hairpin);
        Cancel(NatQuestionKind.Filtering);
        FinishIfDone(now);
    }

    public bool IsSecond(int number) => _second?.Number == number;

    public void Refresh(TimeSpan now) => Start(isDeep: true, now);

    public void HandleTimeout(TimeSpan now)
    {
        if (NextRound <= now) { Start(isDeep: false, now); }
    }

    private void Forget()
    {
        _observations.Clear();
        _failures.Clear();
        _report = null;
        (_filteringTest, _filtering, _hairpin) = (null, NatFiltering.Unknown, NatHairpin.Unknown);
        (_hasCompleted, _hasSentElsewhere, _isBlocked) = (false, false, false);
        (_silentRounds, _rebindings, _reboundFrom) = (0, 0, default);
    }

    private void Start(bool isDeep, TimeSpan now)
    {
        foreach (var id in _questions.Keys) { client.Cancel(id); }
        _questions.Clear();
        NextRound = null;
        if (!CanAsk) { return; }

        _round = new() { IsDeep = isDeep || _needsDeep || !_hasCompleted };
        _needsDeep = false;
        foreach (var observer in _observers) { Ask(new(NatQuestionKind.Mapped, observer), _socket!.Value, observer, StunChange.None, now); }
        FinishIfDone(now);
    }

    private void Ask(NatQuestion question, LocalSocket socket, NetworkAddress to, StunChange change, TimeSpan now)
    {
        if (client.TryAsk(socket.Number, to, change, now, out var id)) { _questions.Add(id, question); }
    }

    private bool IsAsking(NatQuestionKind kind) => _questions.Values.Any(question => question.Kind == kind);

    private void Cancel(NatQuestionKind kind)
    {
        foreach (var (id, _) in _questions.Where(pair => pair.Value.Kind == kind).ToArray())
        {
            client.Cancel(id);
            _questions.Remove(id);
        }
    }

    private void FinishIfDone(TimeSpan now)
    {
        if (_questions.Count > 0 || NextRound is not null || !CanAsk) { return; }
        _hasCompleted |= _round.IsDeep;
        _needsDeep |= _isBlocked; // there is more to ask when somebody answers again
        _silentRounds = _isBlocked ? _silentRounds + 1 : 0;
        var wait = _isBlocked ? options.BlockedInterval * Math.Pow(2, Math.Min(_silentRounds - 1, 20)) : options.Interval;
        NextRound = now + (wait < options.Interval ? wait : options.Interval);
    }

    // What was begun in a round, each once.
    private record struct Round
    {
        public bool IsDeep { get; set; }

        public bool HasAskedElsewhere { get; set; }

        public bool HasAskedSecond { get; set; }

        public bool HasRebound { get; set; }

        public NetworkAddress? SecondMapped { get; set; }
    }
}
