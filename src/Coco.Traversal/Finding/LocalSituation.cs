using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>What a host knows of its own place in the network at one moment.</summary>
internal sealed record LocalSituation
{
    private (PathPolicy Policy, IReadOnlyList<LocalCandidate> Of, IReadOnlyList<PeerCandidate> Told)? _tellable;

    /// <summary>The UDP sockets that serve all connections.</summary>
    public IReadOnlyList<LocalSocket> Sockets { get; init; } = [];

    /// <summary>Own addresses of all kinds, the most useful first; what is over the cap is left out.</summary>
    public IReadOnlyList<LocalCandidate> Candidates { get; init; } = [];

    public MappingClass Mapping { get; init; }

    /// <summary>UDP was tried with several servers and nothing came back.</summary>
    public bool IsUdpBlocked { get; init; }

    /// <summary>Whether the NAT sends back inside what is sent to its outer address from inside; null when not known.</summary>
    public bool? Hairpins { get; init; }

    /// <summary>How much longer the side that was called waits, so that one side alone keeps both sides' mappings. Chosen: a round trip more than the
    /// other's interval, and less than what that is under the silence that was tried.</summary>
    public const double WaitOfOther = 1.1;

    /// <summary>How often a quiet path has to be used to stay open; as learnt for this NAT (<see cref="KeepAliveLearner"/>).</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Interfaces, addresses or the default route changed, or the host slept: nothing known before holds any more.</summary>
    public bool IsNetworkChanged { get; init; }

    /// <summary>Whether an address is on a network that an interface of ours is on, or of this machine.</summary>
    public bool IsOnOwnNetwork(in NetworkAddress address)
    {
        if (address.IsLinkLocal || address.IsLoopback) { return true; }
        foreach (var own in Candidates)
        {
            if (own.Kind is not CandidateKind.Host || own.PrefixLength == 0 || own.Address.IsIpv4 != address.IsIpv4) { continue; }
            if (own.PrefixLength <= (address.IsIpv4 ? 31 : 127) && own.Address.SharesPrefix(address, own.PrefixLength)) { return true; }
        }
        return false;
    }

    /// <summary>What a policy lets peers be told of the candidates: one list for all connections that ask.</summary>
    public IReadOnlyList<PeerCandidate> Tellable(PathPolicy policy)
    {
        // A copy of this record may have other candidates.
        if (_tellable is { } made && made.Policy == policy && ReferenceEquals(made.Of, Candidates)) { return made.Told; }
        var told = new List<PeerCandidate>();
        var interfaces = new HashSet<string>(StringComparer.Ordinal);
        foreach (var own in Candidates)
        {
            if (told.Count == Math.Min(policy.MaxCandidates, CandidatesMessage.MaxCount)) { break; }
            if (own.Kind is < CandidateKind.Host or > CandidateKind.TcpReflexive || !own.Address.IsSendable) { continue; }
            if (!policy.Allows(own.Address) || !policy.AllowsInterface(own.InterfaceName)) { continue; }
            if (own.InterfaceName.Length > 0 && interfaces.Count == policy.MaxInterfaces && !interfaces.Contains(own.InterfaceName)) { continue; }
            interfaces.Add(own.InterfaceName);
            var candidate = new PeerCandidate(own.Kind, own.Address);
            if (!told.Contains(candidate)) { told.Add(candidate); }
        }
        _tellable = (policy, Candidates, [.. told]);
        return _tellable.Value.Told;
    }
}
