using Coco.Cluster.Certificates;
using Coco.Cluster.Grants;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <content>What callers may do here, decided by this node alone.</content>
internal sealed partial class NetworkMember
{
    private MemberRules? _rules;

    /// <summary>Whether a caller may use a service or topic of this node's; nobody may what no rule allows.</summary>
    public PolicyDecision Decide(NodeId caller, PolicyKind kind, string subject)
    {
        if (_isRemoved || _roster.Find(caller) is not { } from) { return new(PolicyOutcome.NoRule, null); }
        return PolicyNow.Decide(new(kind, subject, PartyOf(from), PartyOf(Certificate)));
    }

    /// <summary>The same of a topic or stream of another node's, for whom this one passes it on.</summary>
    public PolicyDecision DecideFor(NodeId owner, NodeId caller, PolicyKind kind, string subject)
    {
        if (owner == Self) { return Decide(caller, kind, subject); }
        if (_isRemoved || _roster.Find(caller) is not { } from || _roster.Find(owner) is not { } to) { return new(PolicyOutcome.NoRule, null); }
        return PolicyNow.Decide(new(kind, subject, PartyOf(from), PartyOf(to)));
    }

    /// <summary>Whether a caller may do something with a resource of this node's.</summary>
    public GrantDecision CheckGrant(NodeId caller, string resource, string action, TimeSpan now)
    {
        _now = now;
        if (_isRemoved || _roster.Find(caller) is not { } from) { return new(GrantOutcome.NoGrant, null); }
        return GrantCheck.Check(GrantsNow, new(State.SuccessorOf(from.User), RoleOf(from), resource, action), _time.At(now), IsRefreshed);
    }

    // Whoever gave a grant and says itself what time it is has had its chance to let it end. One that was stated since the start may be old and
    // have been withheld: it counts for as long as it would after a start.
    private bool IsRefreshed(ResourceGrant grant)
    {
        if (!Rules.Origins.TryGetValue(grant, out var origin)) { return false; }
        if (_time.ToldBy(State.SuccessorOf(origin.Issuer).Key, _now) is { } told) { return grant.Until == 0 || told < grant.Until; }
        return _learnedAt.TryGetValue(origin.Id, out var at) && _now - at <= _time.At(_now).LapseAfter;
    }

    // Grants that became known since the start.
    private readonly Dictionary<StatementId, TimeSpan> _learnedAt = [];

    /// <summary>The policy by which this node decides now.</summary>
    public Policy PolicyNow => Rules.Policy;

    private IEnumerable<ResourceGrant> GrantsNow => Rules.Origins.Keys;

    private MemberRules Rules
    {
        get
        {
            if (_rules is { } known && ReferenceEquals(known.State, State)) { return known; }
            // A policy that cannot be read allows nothing.
            var policy = Policy.TryDecode(State.Policy.Span, out var read) ? read : Policy.Empty;
            var origins = new Dictionary<ResourceGrant, GrantedResource>();
            foreach (var granted in State.Resources)
            {
                if (ResourceGrant.TryDecode(granted.Grant.Span, out var grant)) { origins.Add(grant, granted); }
            }
            foreach (var gone in _learnedAt.Keys.Where(id => !State.Facts.Resources.ContainsKey(id)).ToArray()) { _learnedAt.Remove(gone); }
            return _rules = new(State, policy, origins);
        }
    }

    private PolicyParty PartyOf(NodeCertificate certificate) =>
        new(State.SuccessorOf(certificate.User), RoleOf(certificate), certificate.Admission.App, certificate.Admission.Tags);

    private Role RoleOf(NodeCertificate certificate) => State.RoleOf(State.SuccessorOf(certificate.User));
}
