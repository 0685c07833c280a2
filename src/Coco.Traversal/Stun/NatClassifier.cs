namespace Coco.Traversal.Stun;

/// <summary>
/// What the answers of several observers say about a NAT. An observer may lie: each has one vote, however many addresses it has, and
/// what it says of other addresses counts only when most agree with what it says of its first.
/// </summary>
internal static class NatClassifier
{
    /// <param name="observations">In the order in which observers are believed when votes are equal.</param>
    /// <param name="own">Addresses of the host's interfaces.</param>
    /// <param name="localPort">The port of the socket that asked.</param>
    /// <param name="evidence">Takes what speaks against somebody.</param>
    public static NatClassification Classify(
        IReadOnlyCollection<NatObservation> observations, IReadOnlyCollection<NetworkAddress> own, int localPort, ICollection<NatEvidence> evidence)
    {
        var observed = new List<ObservedAddress>();
        var votes = new List<NatObservation>();
        foreach (var view in observations.Where(view => view.IsFirst))
        {
            var isSuspicious = IsSuspicious(view, observations);
            observed.Add(new(view.Observer, view.Mapped, isSuspicious));
            if (isSuspicious) { evidence.Add(new(NatEvidenceKind.Suspicious, view.Observer, view.Mapped)); }
            else { votes.Add(view); }
        }
        if (votes.Count == 0) { return new(NatMapping.Unknown, null, null, observed); }

        // Of equals the first: OrderBy keeps the order.
        var winner = votes.OrderByDescending(view => Votes(votes, view))
            .ThenByDescending(view => votes.Count(vote => vote.Mapped.HasSameHost(view.Mapped)))
            .First();
        var hasMajority = 2 * Votes(votes, winner) > votes.Count;
        bool IsBelieved(NatObservation vote) => !hasMajority || vote.Mapped == winner.Mapped;
        var believed = observations.Where(view => votes.Exists(vote => vote.Observer == view.Observer && IsBelieved(vote))).ToList();
        AddDisagreement(votes, believed, winner, own, observed, evidence);
        var mapping = Mapping(believed, winner, own.Any(address => address.HasSameHost(winner.Mapped)) && winner.Mapped.Port == localPort);
        return new(mapping, winner.Mapped, believed.TrueForAll(view => view.Mapped.Port == localPort), observed);
    }

    // A host in our own network sees our inner address and is right, but the internet does not see that one.
    private static bool IsSuspicious(NatObservation view, IReadOnlyCollection<NatObservation> all) => view.Mapped.IsPrivate
        && (!view.Observer.IsPrivate
            || (view.Mapped.IsLoopback && !view.Observer.IsLoopback)
            || all.Any(other => other.IsFirst && !other.Mapped.IsPrivate));

    private static int Votes(List<NatObservation> votes, NatObservation view) => votes.Count(vote => vote.Mapped == view.Mapped);

    private static void AddDisagreement(
        List<NatObservation> votes, List<NatObservation> believed, NatObservation winner, IReadOnlyCollection<NetworkAddress> own,
        List<ObservedAddress> observed, ICollection<NatEvidence> evidence)
    {
        foreach (var vote in votes.Where(vote => vote.Mapped != winner.Mapped))
        {
            // Most see a NAT, and one says there is none.
            var isOwn = !believed.Contains(vote) && own.Any(address => address.HasSameHost(vote.Mapped));
            if (isOwn) { observed[observed.FindIndex(one => one.Observer == vote.Observer)] = new(vote.Observer, vote.Mapped, IsSuspicious: true); }
            evidence.Add(new(isOwn ? NatEvidenceKind.Suspicious : NatEvidenceKind.Disagrees, vote.Observer, vote.Mapped));
        }
        foreach (var view in believed.Where(view => !view.IsFirst && view.Mapped != votes.Find(vote => vote.Observer == view.Observer).Mapped))
        {
            evidence.Add(new(NatEvidenceKind.MappedDifferently, view.Endpoint, view.Mapped));
        }
    }

    private static NatMapping Mapping(List<NatObservation> believed, NatObservation winner, bool isOwn)
    {
        if (believed.TrueForAll(view => view.Mapped == winner.Mapped))
        {
            if (isOwn) { return NatMapping.None; }
            // RFC 4787 §4.1 speaks of other hosts: one host with two ports proves nothing about a third.
            return believed.Exists(view => !view.Endpoint.HasSameHost(winner.Endpoint)) ? NatMapping.EndpointIndependent : NatMapping.Unknown;
        }
        // Address-dependent is what one sees on two ports of one host, and only there. Without such a pair the worse is assumed.
        var hasPair = false;
        foreach (var view in believed)
        {
            foreach (var other in believed.Where(other => other.Endpoint != view.Endpoint && other.Endpoint.HasSameHost(view.Endpoint)))
            {
                if (other.Mapped != view.Mapped) { return NatMapping.AddressAndPortDependent; }
                hasPair = true;
            }
        }
        return hasPair ? NatMapping.AddressDependent : NatMapping.AddressAndPortDependent;
    }
}
