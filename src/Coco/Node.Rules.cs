using Coco.Cluster.Policies;

namespace Coco;

/// <content>What holds in the network, as this node knows it.</content>
public sealed partial class Node
{
    /// <summary>The network's policy; an empty one, which lets the owner alone, where none was set.</summary>
    public Task<Policy> GetPolicyAsync(CancellationToken cancellationToken = default) => _loop.AskAsync(
        static (member, _) => member.State.Policy is { IsEmpty: false } bytes && Policy.TryDecode(bytes.Span, out var policy) ? policy : Policy.Empty, cancellationToken);

    /// <summary>The grants that <see cref="GrantAsync(Cluster.Grants.ResourceGrant, CancellationToken)"/> gave, here or elsewhere, and nobody has taken back.</summary>
    public Task<IReadOnlyList<GivenGrant>> GetGrantsAsync(CancellationToken cancellationToken = default) => _loop.AskAsync<IReadOnlyList<GivenGrant>>(
        static (member, _) => [.. member.State.Resources
            .Select(static one => Cluster.Grants.ResourceGrant.TryDecode(one.Grant.Span, out var grant) ? new GivenGrant(one.Id, grant) : null)
            .OfType<GivenGrant>().OrderBy(static one => one.Id)],
        cancellationToken);
}
