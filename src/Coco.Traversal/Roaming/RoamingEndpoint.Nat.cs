using Coco.Traversal.Finding;
using Coco.Traversal.Links;
using Coco.Traversal.Stun;

namespace Coco.Traversal.Roaming;

/// <summary>What others see of us: STUN in both directions, the NAT's kind, and how long its mappings live.</summary>
internal sealed partial class RoamingEndpoint
{
    private const int MaxStunAnswers = 64; // chosen: what waits to be sent to askers; they ask again

    private readonly NatProber _prober;
    private readonly StunRateLimit _stunLimit;
    private readonly Queue<(Link Link, byte[] Answer)> _stunAnswers = new();
    private readonly Dictionary<NetworkAddress, KeepAliveLearner> _learners = [];
    private static readonly TimeSpan SuspicionInterval = TimeSpan.FromSeconds(2); // chosen: a look and its answers take less
    private static readonly TimeSpan SearchLookInterval = TimeSpan.FromSeconds(10); // chosen: less than the first wait between two searches
    private readonly MappingTrials[] _trials; // over IPv4, and over IPv6
    private TimeSpan _lastSuspicion = -SearchLookInterval;
    private TimeSpan _suspectAt = TimeSpan.MaxValue; // a suspicion that came too soon after another waits: it may be the one that sees the truth
    private NetworkAddress? _observedByTcp; // where a relay sees our TCP come from

    /// <summary>What is known of the way to the internet over IPv4, and over IPv6; null while nothing is.</summary>
    public NatReport? Ipv4Report => _prober.Ipv4;

    /// <inheritdoc cref="Ipv4Report"/>
    public NatReport? Ipv6Report => _prober.Ipv6;

    /// <summary>Whether nothing comes back over UDP, as far as is known.</summary>
    internal bool IsUdpBlocked => (_prober.Ipv4, _prober.Ipv6) switch
    {
        (null, null) => false,
        var (one, other) => (one?.IsUdpBlocked ?? true) && (other?.IsUdpBlocked ?? true),
    };

    /// <summary>Looks at the NAT anew, now.</summary>
    public void RefreshNat(TimeSpan now)
    {
        _prober.Refresh(now);
        PumpProber(now);
    }

    /// <summary>A way died and another lives: perhaps because our NAT forgot us or is not the same any more, which nobody tells. Then what we
    /// say of our addresses is not true, and no direct path can be found.</summary>
    internal void SuspectNat(TimeSpan now)
    {
        if (now < _lastSuspicion + SuspicionInterval)
        {
            _suspectAt = _lastSuspicion + SuspicionInterval;
            return;
        }
        (_lastSuspicion, _suspectAt) = (now, TimeSpan.MaxValue);
        RefreshNat(now);
    }

    /// <summary>A search that failed begins again. There may be many of them, one for each peer.</summary>
    internal void LookAtNat(TimeSpan now)
    {
        if (now >= _lastSuspicion + SearchLookInterval) { SuspectNat(now); }
    }

    /// <summary>A relay says where it sees us. Where no UDP comes through, that is all that others can be told.</summary>
    internal void HandleObserved(in Link link, in NetworkAddress observed, TimeSpan now)
    {
        if (link.Kind is not (LinkKind.Tcp or LinkKind.WebSocket) || !observed.IsSendable || observed == _observedByTcp) { return; }
        _observedByTcp = observed;
        UpdateSituation(isNetworkChanged: false, now);
    }

    internal void HandleEvidence(in KeepAliveEvidence evidence, TimeSpan now)
    {
        _trials[evidence.IsIpv4 ? 0 : 1].HandleLost(evidence.Silence, now);
        if (KeepAlive != Situation.KeepAlive) { UpdateSituation(isNetworkChanged: false, now); }
    }

    private void HandleNetworkForNat(NetworkSnapshot snapshot, TimeSpan now)
    {
        _observedByTcp = null;
        ObserveFromRelays(now);
        _prober.HandleNetwork(snapshot, now);
        foreach (var trials in _trials) { trials.Stop(); }
    }

    private void ObserveFromRelays(TimeSpan now) => _prober.SetObservers(
        [.. Options.Relays.Concat(_nodes.SelectMany(static node => node.Relays)).SelectMany(static relay => relay.Addresses).Concat(Options.StunServers).Distinct()], now);

    private void AddNatCandidates(NetworkSnapshot network, List<LocalCandidate> candidates)
    {
        foreach (var report in (ReadOnlySpan<NatReport?>)[_prober.Ipv4, _prober.Ipv6])
        {
            if (report?.MappedAddress is not { } mapped) { continue; }
            candidates.Add(new(CandidateKind.ServerReflexive, mapped));
            if (network.TcpPort != 0 && Options.UsesTcp && report.Mapping is not NatMapping.None) { candidates.Add(new(CandidateKind.TcpReflexive, mapped.WithPort(network.TcpPort))); }
        }
        // NATs that keep ports of TCP, as Linux does, keep that on which we listen too, and from which we open.
        if (IsUdpBlocked && network.TcpPort != 0 && Options.UsesTcp && _observedByTcp is { } seen && !network.Interfaces.Any(own => own.Address.HasSameHost(seen)))
        {
            candidates.Add(new(CandidateKind.TcpReflexive, seen.WithPort(network.TcpPort)));
        }
    }

    private void PumpProber(TimeSpan now)
    {
        var isNew = false;
        while (_prober.TryTakeReport(out _)) { isNew = true; }
        if (!isNew) { return; }
        BeginTrials(_trials[0], _prober.Ipv4, now);
        BeginTrials(_trials[1], _prober.Ipv6, now);
        Situation = Situation with
        {
            Mapping = (_prober.Ipv4?.Mapping ?? NatMapping.Unknown) switch
            {
                NatMapping.None => MappingClass.None,
                NatMapping.EndpointIndependent => MappingClass.EndpointIndependent,
                NatMapping.AddressDependent or NatMapping.AddressAndPortDependent => MappingClass.Dependent,
                _ => MappingClass.Unknown,
            },
            Hairpins = _prober.Ipv4?.Hairpin switch { NatHairpin.Works => true, NatHairpin.Fails => false, _ => null },
            IsUdpBlocked = IsUdpBlocked,
        };
        UpdateSituation(isNetworkChanged: false, now);
    }

    private void HandleStun(in Link link, Span<byte> datagram, TimeSpan now)
    {
        if (_prober.HandleDatagram(link, datagram, now) || HandleForTrials(link, datagram, now) || !Options.ServesStun || _stunAnswers.Count >= MaxStunAnswers) { return; }
        Span<byte> answer = stackalloc byte[StunServer.MaxAnswerLength];
        if (!StunServer.TryAnswerToPort(datagram, link.Remote, answer, out var length, out var to))
        {
            if (!StunServer.TryAnswer(datagram, link.Remote, default, answer, out length, out _)) { return; }
            to = link.Remote;
        }
        if (_stunLimit.TryTake(link.Remote, now)) { _stunAnswers.Enqueue((link with { Remote = to }, answer[..length].ToArray())); }
    }

    private bool TryTakeStun(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit)
    {
        if (_stunAnswers.TryDequeue(out var answer))
        {
            answer.Answer.CopyTo(buffer);
            transmit = new(answer.Link, answer.Answer.Length, answer.Answer.Length);
            return true;
        }
        return _prober.TryTakeTransmit(buffer, now, out transmit) || _trials[0].TryTakeTransmit(buffer, now, out transmit) || _trials[1].TryTakeTransmit(buffer, now, out transmit);
    }
}
