using System.Globalization;
using Coco.Crypto;
using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>Why this path: said from state alone, so that it is true.</summary>
internal sealed partial class PathFinder
{
    private bool _isVerdictNew;

    /// <summary>Why the path in use is the one in use.</summary>
    public Verdict Verdict { get; private set; }

    /// <summary>Takes the verdict when it has changed since it was last taken.</summary>
    public bool TryTakeVerdict(out Verdict verdict)
    {
        verdict = Verdict;
        var isNew = _isVerdictNew;
        _isVerdictNew = false;
        return isNew;
    }

    private void UpdateVerdict()
    {
        var code = Judge();
        if (code == Verdict.Code && _evidenceState == EvidenceState()) { return; }
        var verdict = MakeVerdict();
        if (verdict == Verdict) { return; }
        if (verdict.Code != Verdict.Code) { FindingLog.VerdictChanged(_logger, verdict.Code, verdict.Sentence); }
        Verdict = verdict;
        _isVerdictNew = true;
    }

    private (uint?, uint?, int, int, int, bool, bool, bool, ulong) _evidenceState;
    private readonly Func<PathAddress, NodeId>? _nextHopOf;

    private (uint?, uint?, int, int, int, bool, bool, bool, ulong) EvidenceState() =>
        (_told?.Generation, _peer?.Generation, _roundsEnded, _birthdaysFailed, _narrowFailures, _hasWideAnswered, _hasHeardDirectly, _wasBirthdayRefused,
            _active is { Class: PathClass.Mesh } way ? way.Path.Session : 0);

    private VerdictCode Judge()
    {
        if (_isActiveDead) { return VerdictCode.NoPath; } // with another at hand it would have been left
        switch (_active?.Class)
        {
            case PathClass.Direct: return VerdictCode.Direct;
            case PathClass.DirectLan: return VerdictCode.DirectLan;
            case PathClass.DirectIpv6: return VerdictCode.DirectIpv6;
            case PathClass.DirectTcp: return VerdictCode.DirectTcp;
            case PathClass.Mesh: return VerdictCode.ThroughMesh;
        }
        return JudgeDetour();
    }

    /// <summary>Why there is somebody between.</summary>
    private VerdictCode JudgeDetour()
    {
        if (_policy.RelayOnly) { return VerdictCode.Policy; }
        if (_peer is not null && _peer.Flags.HasFlag(PeerFlags.RelayOnly)) { return VerdictCode.PolicyAtPeer; }
        if (_peer is null || !_hasOwn || (_roundsEnded == 0 && !_hasDirectDied)) { return VerdictCode.StillProbing; }
        if (_ways.Exists(static way => way is { IsOpen: true, Tier: < 2, Failures: < 2, IsSilent: false, Deaths: 0 })) { return VerdictCode.StillProbing; }
        return JudgeFailure();
    }

    /// <summary>A search has ended without a direct path. While the next one runs, the reason of the last still stands.</summary>
    private VerdictCode JudgeFailure()
    {
        if (_own.IsUdpBlocked) { return VerdictCode.UdpBlockedHere; }
        if (_peer!.Flags.HasFlag(PeerFlags.UdpBlocked)) { return VerdictCode.UdpBlockedAtPeer; }
        if (_narrowFailures > 1) { return _hasWideAnswered ? VerdictCode.QuicBlocked : VerdictCode.DirectPathTooNarrow; }
        if (_hasDirectDied) { return VerdictCode.DirectPathDied; }
        if (!_peer.Candidates.Any(candidate => _policy.Allows(candidate.Address)))
        {
            return _peer.Candidates.Count > 0 ? VerdictCode.Policy : VerdictCode.RelayOnlyKnown;
        }
        var (ownDepends, peerDepends) = (_own.Mapping is MappingClass.Dependent, _peer.Mapping is MappingClass.Dependent);
        if (ownDepends && peerDepends) { return VerdictCode.BothAddressDependent; }
        if (_hasDirectAnswered) { return VerdictCode.DirectPathDied; }
        if (_hasHeardDirectly) { return VerdictCode.OneWayOnly; }
        if (HasCommonOuterAddress()) { return VerdictCode.HairpinMissing; }
        return ownDepends || peerDepends ? VerdictCode.OneAddressDependent : VerdictCode.NoAnswerFromPeer;
    }

    private bool HasCommonOuterAddress() => _peer!.Candidates.Any(theirs => theirs.Kind is CandidateKind.ServerReflexive
        && _own.Candidates.Any(ours => ours.Kind is CandidateKind.ServerReflexive && ours.Address.HasSameHost(theirs.Address)));

    private Verdict MakeVerdict()
    {
        _evidenceState = EvidenceState();
        var code = Judge();
        return new(code, Sentence(code), Evidence());
    }

    // Each text that depends on few things is one string for all connections: most connections have the same to say.
    private static readonly string[] AddressesTold =
        [.. Enumerable.Range(0, CandidatesMessage.MaxCount + 1).Select(static count => string.Create(CultureInfo.InvariantCulture, $"peer: {count} addresses told"))];

    private string[] Evidence()
    {
        var facts = new List<string>();
        if (_active is { } active) { facts.Add(InUse(active.Class)); }
        if (_active is { Class: PathClass.Mesh } mesh)
        {
            facts.Add($"next hop: {NextHop(mesh)}");
            facts.Add($"no direct path: {JudgeDetour()}");
        }
        if (_policy.RelayOnly) { facts.Add("own policy: relays only"); }
        if (_policy.DirectOnly) { facts.Add("own policy: direct only"); }
        if (_hasOwn)
        {
            facts.Add(OwnMapping(_own.Mapping));
            if (_own.IsUdpBlocked) { facts.Add("own network: no UDP server answers"); }
            if (_own.Hairpins is { } hairpins) { facts.Add(hairpins ? "own NAT: hairpins" : "own NAT: does not hairpin"); }
        }
        if (_peer is null) { facts.Add("peer: no addresses told yet"); }
        else
        {
            facts.Add(PeersMapping(_peer.Mapping));
            facts.Add(AddressesTold[_peer.Candidates.Count]);
            if (_peer.Flags.HasFlag(PeerFlags.UdpBlocked)) { facts.Add("peer's network: no UDP, by its own word"); }
            if (_peer.Flags.HasFlag(PeerFlags.RelayOnly)) { facts.Add("peer's policy: relays only"); }
        }
        if (_roundsEnded > 0) { facts.Add(string.Create(CultureInfo.InvariantCulture, $"searches ended: {_roundsEnded}")); }
        if (_hasHeardDirectly) { facts.Add("probes of the peer arrived directly"); }
        if (_narrowFailures > 0) { facts.Add(string.Create(CultureInfo.InvariantCulture, $"direct paths that answered probes but not QUIC: {_narrowFailures}")); }
        if (_narrowFailures > 0) { facts.Add($"probes as long as QUIC's packets: {(_hasWideAnswered ? "answered" : "not answered")}"); }
        if (_birthdaysFailed > 0) { facts.Add(string.Create(CultureInfo.InvariantCulture, $"birthday attempts without success: {_birthdaysFailed}")); }
        if (_wasBirthdayRefused) { facts.Add("birthday punching was refused by the peer"); }
        return [.. facts];
    }

    private string NextHop(Way mesh) => _nextHopOf is { } nextHopOf && nextHopOf(mesh.Path) is { IsDefault: false } hop ? hop.ToString() : "a neighbour";

    private static string InUse(PathClass pathClass) => pathClass switch
    {
        PathClass.Direct => "in use: Direct",
        PathClass.DirectLan => "in use: DirectLan",
        PathClass.DirectIpv6 => "in use: DirectIpv6",
        PathClass.DirectTcp => "in use: DirectTcp",
        PathClass.Mesh => "in use: Mesh",
        _ => "in use: Relay",
    };

    private static string OwnMapping(MappingClass mapping) => mapping switch
    {
        MappingClass.None => "own mapping: no translation",
        MappingClass.EndpointIndependent => "own mapping: endpoint-independent",
        MappingClass.Dependent => "own mapping: address-dependent",
        _ => "own mapping: not known",
    };

    private static string PeersMapping(MappingClass mapping) => mapping switch
    {
        MappingClass.None => "peer's mapping: no translation",
        MappingClass.EndpointIndependent => "peer's mapping: endpoint-independent",
        MappingClass.Dependent => "peer's mapping: address-dependent",
        _ => "peer's mapping: not known",
    };

    private string Sentence(VerdictCode code) => code switch
    {
        VerdictCode.Direct => "Both nodes talk directly over UDP.",
        VerdictCode.DirectLan => "Both nodes talk directly within one local network.",
        VerdictCode.DirectIpv6 => "Both nodes talk directly over IPv6.",
        VerdictCode.DirectTcp => "Both nodes talk directly over TCP; no way for UDP was found.",
        VerdictCode.UdpBlockedHere => "A relay is used because the network of this node lets no UDP through.",
        VerdictCode.UdpBlockedAtPeer => "A relay is used because the network of the peer lets no UDP through.",
        VerdictCode.BothAddressDependent => "A relay is used because the NATs of both nodes give each destination another port, so that neither can be found by the other.",
        VerdictCode.OneAddressDependent => "A relay is used because the NAT of "
            + (_own.Mapping is MappingClass.Dependent ? "this node" : "the peer") + " gives each destination another port, and guessing it has not succeeded.",
        VerdictCode.NoAnswerFromPeer => "A relay is used because nothing sent to the addresses of the peer was answered.",
        VerdictCode.OneWayOnly => "A relay is used because packets of the peer arrive directly, but answers to ours do not.",
        VerdictCode.DirectPathTooNarrow => "A relay is used because the direct path passes small packets but none of full size.",
        VerdictCode.QuicBlocked => "A relay is used because the network between both nodes passes other packets of the same size directly, but none of QUIC.",
        VerdictCode.DirectPathDied => "A relay is used because the direct path stopped delivering; it is tried again.",
        VerdictCode.HairpinMissing => "A relay is used because both nodes stand behind the same outer address, and packets sent to it from inside do not come back.",
        VerdictCode.RelayOnlyKnown => "A relay is used because the peer has told no address of its own.",
        VerdictCode.Policy => "A relay is used because the policy of this node asks for it or excludes the addresses of the peer.",
        VerdictCode.PolicyAtPeer => "A relay is used because the policy of the peer asks for it.",
        VerdictCode.ThroughMesh => $"The connection goes through the mesh, by {NextHop(_active!)}, as long as no direct path is known.",
        VerdictCode.NoPath => "No path to the peer delivers at present; all known ones are tried again.",
        _ => "A relay is used while a direct path is looked for.",
    };
}
