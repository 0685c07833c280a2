using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>What a host knows of its own place in the network at one moment.</summary>
internal sealed record LocalSituation
{
    /// <summary>The UDP sockets that serve all connections.</summary>
    public IReadOnlyList<LocalSocket> Sockets { get; init; } = [];

    /// <summary>Own addresses of all kinds, the most useful first; what is over the cap is left out.</summary>
    public IReadOnlyList<LocalCandidate> Candidates { get; init; } = [];

    public MappingClass Mapping { get; init; }

    /// <summary>UDP was tried with several servers and nothing came back.</summary>
    public bool IsUdpBlocked { get; init; }

    /// <summary>Whether the NAT sends back inside what is sent to its outer address from inside; null when not known.</summary>
    public bool? Hairpins { get; init; }

    /// <summary>How often a quiet path has to be used to stay open; as learnt for this NAT (<see cref="KeepAliveLearner"/>).</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Interfaces, addresses or the default route changed, or the host slept: nothing known before holds any more.</summary>
    public bool IsNetworkChanged { get; init; }
}
