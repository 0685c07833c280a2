using Coco.Cluster.Grants;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;

namespace Coco.Cluster.Members;

/// <summary>What a state of the network says of who may do what, read once.</summary>
/// <param name="State">The state.</param>
/// <param name="Policy">Its policy.</param>
/// <param name="Origins">Its grants, and where each comes from.</param>
internal sealed record MemberRules(NetworkState State, Policy Policy, Dictionary<ResourceGrant, GrantedResource> Origins);
