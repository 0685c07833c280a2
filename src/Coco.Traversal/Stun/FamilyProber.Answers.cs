namespace Coco.Traversal.Stun;

/// <summary>What follows from an answer, or from none.</summary>
internal sealed partial class FamilyProber
{
    private readonly Dictionary<NetworkAddress, NatObservation> _observations = []; // by endpoint
    private readonly Dictionary<NetworkAddress, NatEvidenceKind> _failures = []; // by observer
    private NatFilteringTest? _filteringTest;
    private NatFiltering _filtering;
    private NatHairpin _hairpin;
    private NatEvidence _reboundFrom;
    private bool _isBlocked;
    private int _rebindings;

    /// <summary>Takes the end of a transaction. False when another family asked.</summary>
    public bool HandleResult(in StunResult result, TimeSpan now)
    {
        if (!_questions.Remove(result.Id, out var question)) { return false; }
        switch (question.Kind)
        {
            case NatQuestionKind.Mapped: HandleMapped(question.Observer, result, now); break;
            case NatQuestionKind.MappedElsewhere: HandleElsewhere(question.Observer, result); break;
            case NatQuestionKind.Filtering: HandleFiltering(result, now); break;
            case NatQuestionKind.SecondMapped: _round.SecondMapped = result.Outcome is StunOutcome.Answered ? result.Mapped : null; break;
            default: HandleHairpin(result.Outcome is StunOutcome.Answered); break;
        }
        AskHairpin(now);
        JudgeFiltering();
        FinishIfDone(now);
        _hasNews = true;
        return true;
    }

    /// <summary>A request arrived at a socket of ours. True when we sent it ourselves, to our outer address.</summary>
    public bool HandleRequest(in TransactionId id, TimeSpan now)
    {
        if (!_questions.TryGetValue(id, out var question) || question.Kind is not NatQuestionKind.Hairpin) { return false; }
        client.Cancel(id);
        _questions.Remove(id);
        HandleHairpin(isThrough: true);
        FinishIfDone(now);
        _hasNews = true;
        return true;
    }

    private void HandleMapped(NetworkAddress observer, in StunResult result, TimeSpan now)
    {
        if (result.Outcome is not StunOutcome.Answered)
        {
            _failures[observer] = result.Outcome is StunOutcome.TimedOut ? NatEvidenceKind.NoAnswer : NatEvidenceKind.Unusable;
            ForgetWordsOf(observer);
            _isBlocked = !IsAsking(NatQuestionKind.Mapped) && Array.TrueForAll(_observers, IsSilent);
            return;
        }
        _isBlocked = false;
        _failures.Remove(observer);
        if (_observations.TryGetValue(observer, out var before) && before.Mapped != result.Mapped) { HandleRebinding(observer, before.Mapped); }
        _observations[observer] = new(observer, observer, result.Mapped);
        if (!_round.IsDeep) { return; }
        AskElsewhere(observer, result.Other, now);
        if (_second is not { } second || _round.HasAskedSecond) { return; }
        _round.HasAskedSecond = true;
        Ask(new(NatQuestionKind.SecondMapped, observer), second, observer, StunChange.None, now);
    }

    private bool IsSilent(NetworkAddress observer) => _failures.TryGetValue(observer, out var kind) && kind is NatEvidenceKind.NoAnswer;

    // The mapping is new, and what was said about the old one from elsewhere does not hold for it.
    private void HandleRebinding(NetworkAddress observer, NetworkAddress before)
    {
        // A symmetric NAT has a new mapping for each observer whenever it forgot the old one: nothing to look into.
        var wasConstant = Classify([]).Mapping is not (NatMapping.AddressDependent or NatMapping.AddressAndPortDependent);
        ForgetWordsOf(observer);
        if (_round.HasRebound) { return; }
        _round.HasRebound = true;
        _rebindings++;
        _reboundFrom = new(NatEvidenceKind.Rebound, observer, before);
        if (!wasConstant) { return; }
        _round.IsDeep = true;
        _hasSentElsewhere = false; // the filter of a new mapping is closed towards all
    }

    private void AskElsewhere(NetworkAddress observer, NetworkAddress other, TimeSpan now)
    {
        if (_round.HasAskedElsewhere || new StunServerAddresses(observer, other).Available is StunChange.None) { return; }
        // Nobody on the internet sends us to knock at doors inside.
        if (other.IsPrivate && !observer.IsPrivate) { return; }
        _round.HasAskedElsewhere = true;
        // Only a socket that never sent to the other address can tell what its filter does with packets from there.
        var isFresh = _second is not null || (!_hasSentElsewhere && !Array.Exists(_observers, one => one != observer && one.HasSameHost(other)));
        if (isFresh)
        {
            _filteringTest = new(observer, other);
            var socket = _second ?? _socket!.Value;
            foreach (var change in _filteringTest.Changes) { Ask(new(NatQuestionKind.Filtering, observer), socket, observer, change, now); }
        }
        if (_second is not null || !isFresh) { AskMappedElsewhere(observer, other, now); }
    }

    // RFC 5780 §4.3: the other host at the first port tells endpoint-independent from the rest, its other port tells those apart.
    private void AskMappedElsewhere(NetworkAddress observer, NetworkAddress other, TimeSpan now)
    {
        _hasSentElsewhere = true;
        foreach (var endpoint in new[] { other.WithPort(observer.Port), other }.Distinct())
        {
            if (_observers.Contains(endpoint)) { continue; } // asked anyway
            Ask(new(NatQuestionKind.MappedElsewhere, observer), _socket!.Value, endpoint, StunChange.None, now);
        }
    }

    private void HandleElsewhere(NetworkAddress observer, in StunResult result)
    {
        if (result.Outcome is StunOutcome.Answered) { _observations[result.Server] = new(observer, result.Server, result.Mapped); }
        else { _observations.Remove(result.Server); }
    }

    private void HandleFiltering(in StunResult result, TimeSpan now)
    {
        _filteringTest!.HandleOutcome(result.Change, result.Outcome);
        if (!IsAsking(NatQuestionKind.Filtering) && _second is null) { AskMappedElsewhere(_filteringTest.Observer, _filteringTest.Other, now); }
    }

    private void JudgeFiltering()
    {
        if (_filteringTest is not { IsFinished: true } || IsAsking(NatQuestionKind.MappedElsewhere)) { return; }
        _filtering = _filteringTest.Judge(isOtherDead: !_observations.ContainsKey(_filteringTest.Other));
    }

    private void AskHairpin(TimeSpan now)
    {
        if (_round.SecondMapped is not { } secondMapped || _second is not { } second || IsAsking(NatQuestionKind.Mapped)) { return; }
        _round.SecondMapped = null;
        // Without a NAT there is nothing to learn; and nobody sends us to strangers: both addresses are of the NAT most agree on.
        if (Classify([]).Mapped is not { } mapped || !secondMapped.HasSameHost(mapped) || _own.Exists(one => one.HasSameHost(mapped))) { return; }
        // Both ways at once, as two peers would: a filter that lets in only who was sent to would stop one way alone.
        Ask(new(NatQuestionKind.Hairpin, mapped), second, mapped, StunChange.None, now);
        Ask(new(NatQuestionKind.Hairpin, secondMapped), _socket!.Value, secondMapped, StunChange.None, now);
    }

    private void HandleHairpin(bool isThrough)
    {
        if (isThrough)
        {
            _hairpin = NatHairpin.Works;
            Cancel(NatQuestionKind.Hairpin);
        }
        else if (!IsAsking(NatQuestionKind.Hairpin)) { _hairpin = NatHairpin.Fails; }
    }

    private void ForgetWordsOf(NetworkAddress observer)
    {
        foreach (var (endpoint, view) in _observations.Where(pair => pair.Value.Observer == observer).ToArray())
        {
            _observations.Remove(endpoint);
            _needsDeep |= !view.IsFirst; // what it said from elsewhere has to be asked again
        }
    }
}
