using Coco.Cluster.Certificates;
using Coco.Cluster.Grants;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <content>What callers may do here, decided by this node alone.</content>
internal sealed partial class NetworkMember
{
    private (NetworkState State, Policy Policy, ResourceGrant[] Grants)? _rules;

    /// <summary>Whether a caller may use a service or topic of this node's; nobody may what no rule allows.</summary>
    public PolicyDecision Decide(NodeId caller, PolicyKind kind, string subject)
    {
        if (_isRemoved || _roster.Find(caller) is not { } from) { return new(PolicyOutcome.NoRule, null); }
        return PolicyNow.Decide(new(kind, subject, PartyOf(from), PartyOf(Certificate)));
    }

    /// <summary>Whether a caller may do something with a resource of this node's.</summary>
    public GrantDecision CheckGrant(NodeId caller, string resource, string action, TimeSpan now)
    {
        _now = now;
        if (_isRemoved || _roster.Find(caller) is not { } from) { return new(GrantOutcome.NoGrant, null); }
        return GrantCheck.Check(GrantsNow, new(State.SuccessorOf(from.User), RoleOf(from), resource, action), _time.At(now));
    }

    private Policy PolicyNow => Rules.Policy;

    private ResourceGrant[] GrantsNow => Rules.Grants;

    private (NetworkState State, Policy Policy, ResourceGrant[] Grants) Rules
    {
        get
        {
            if (_rules is { } known && ReferenceEquals(known.State, State)) { return known; }
            // A policy that cannot be read allows nothing.
            var policy = Policy.TryDecode(State.Policy.Span, out var read) ? read : Policy.Empty;
            var grants = new List<ResourceGrant>();
            foreach (var granted in State.Resources)
            {
                if (ResourceGrant.TryDecode(granted.Grant.Span, out var grant)) { grants.Add(grant); }
            }
            return (_rules = (State, policy, [.. grants])).Value;
        }
    }

    private PolicyParty PartyOf(NodeCertificate certificate) =>
        new(State.SuccessorOf(certificate.User), RoleOf(certificate), certificate.Admission.App, certificate.Admission.Tags);

    private Role RoleOf(NodeCertificate certificate) => State.RoleOf(State.SuccessorOf(certificate.User));
}
