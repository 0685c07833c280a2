namespace Coco.Traversal.Stun;

/// <summary>What is known, put together.</summary>
internal sealed partial class FamilyProber
{
    private NatReport? _report;
    private bool _hasNews;

    /// <summary>What was taken last; null when there is no network, or nothing is known yet.</summary>
    public NatReport? LastReport => _report;

    /// <summary>The report, when it says something else than the one taken before.</summary>
    public bool TryTakeReport(out NatReport? report)
    {
        report = null;
        // After the first report, what half of a round says is no news: until all have answered, old words stand beside new ones.
        if (!_hasNews || (_report is not null && IsAsking(NatQuestionKind.Mapped))) { return false; }
        _hasNews = false;
        report = Report();
        if (report == _report) { return false; }
        _report = report;
        return true;
    }

    private NatReport Report()
    {
        var evidence = new List<NatEvidence>();
        foreach (var observer in _observers)
        {
            if (_failures.TryGetValue(observer, out var kind)) { evidence.Add(new(kind, observer)); }
        }
        var classification = Classify(evidence);
        _filteringTest?.AddEvidence(evidence);
        if (_hairpin is NatHairpin.Works && classification.Mapped is { } mapped)
        {
            evidence.Add(new(NatEvidenceKind.HairpinReceived, mapped, mapped));
        }
        if (_rebindings > 0) { evidence.Add(_reboundFrom); }
        return new()
        {
            IsIpv4 = IsIpv4,
            Mapping = classification.Mapping,
            Filtering = _filtering,
            Hairpin = _hairpin,
            PreservesPorts = classification.PreservesPorts,
            MappedAddress = classification.Mapped,
            MappedAddresses = classification.Observed,
            IsUdpBlocked = _isBlocked,
            Rebindings = _rebindings,
            IsComplete = _hasCompleted,
            Evidence = evidence,
        };
    }

    private NatClassification Classify(List<NatEvidence> evidence)
    {
        // In the order in which the observers were given, whoever answered first.
        var ordered = _observations.Values.OrderBy(view => Array.IndexOf(_observers, view.Observer))
            .ThenByDescending(view => view.IsFirst)
            .ThenBy(view => view.Endpoint.Port);
        return NatClassifier.Classify([.. ordered], _own, _socket?.Port ?? 0, evidence);
    }
}
