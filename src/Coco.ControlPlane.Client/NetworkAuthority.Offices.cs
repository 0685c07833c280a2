using Coco.Cluster;
using Coco.Cluster.Grants;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Crypto.KeyFiles;

namespace Coco.ControlPlane.Client;

/// <content>Who may do what: roles, delegated keys, access to resources, policy.</content>
public sealed partial class NetworkAuthority
{
    /// <summary>Makes a key that may admit nodes, and nothing else, and writes it to a key file that only its owner can read: for a service that
    /// brings nodes in. The file is there before anybody believes the key.</summary>
    /// <param name="path">The key file, which must not be there yet.</param>
    /// <param name="subCluster">The only part of the network it admits to; default for all.</param>
    /// <param name="until">When what it admits has to have ended; null for never.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The delegation's name, by which it is taken back.</returns>
    public async Task<StatementId> DelegateAsync(string path, SubClusterId subCluster = default, DateTimeOffset? until = null, CancellationToken cancellationToken = default)
    {
        using var key = IdentityKey.Generate();
        KeyFile.WriteUnattended(path, key);
        return await DelegateAsync(key.Id, subCluster, until, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets a key admit nodes.</summary>
    public Task<StatementId> DelegateAsync(NodeId key, SubClusterId subCluster = default, DateTimeOffset? until = null, CancellationToken cancellationToken = default) => StateAsync(
        new StatementBody.Delegate(key, subCluster, until is { } end ? (ulong)Math.Max(1, end.ToUnixTimeSeconds()) : 0),
        (statement, token) => _client.CreateDelegateAsync(Network, statement, token), cancellationToken);

    /// <summary>Takes a delegation back. Of the nodes that it let in those stay that are listed, at most 400.</summary>
    /// <param name="made">The delegation.</param>
    /// <param name="stay">Hashes of certificates, as <see cref="CertificateOf"/> gives them; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<StatementId> RevokeDelegateAsync(StatementId made, IEnumerable<StatementId>? stay = null, CancellationToken cancellationToken = default) => StateAsync(
        new StatementBody.Revoke(RevokeKind.Grant, made, default, Keep.Only(stay ?? [])), (statement, token) => _client.RevokeDelegateAsync(Network, made, statement, token), cancellationToken);

    /// <summary>The name of a node's certificate.</summary>
    public static StatementId CertificateOf(CertifiedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return StatementId.Of(System.Buffers.Text.Base64Url.DecodeFromChars(node.Node.Certificate));
    }

    /// <summary>Makes a user an admin or a guest.</summary>
    public Task<StatementId> GrantAsync(UserId user, Role role, CancellationToken cancellationToken = default)
    {
        var bans = _log.State.Facts.Bans.Values.Where(ban => ban.User == user && ban.LiftedBy.IsEmpty).Select(static ban => ban.Id).Take(StatementBody.MaxLifts);
        return StateAsync(new StatementBody.GrantRole(user, role, [.. bans]), (statement, token) => _client.GrantRoleAsync(Network, user, statement, token), cancellationToken);
    }

    /// <summary>Removes a user with all nodes. What an admin let in goes as well.</summary>
    public Task<StatementId> RemoveAsync(UserId user, CancellationToken cancellationToken = default) => StateAsync(
        new StatementBody.Revoke(RevokeKind.User, StatementBody.Revoke.SubjectOf(user.Key), _log.TipOf(user.Key), Keep.None),
        (statement, token) => _client.RevokeRoleAsync(Network, user, statement, token), cancellationToken);

    /// <summary>Lets a user, or all of a role, do things with resources.</summary>
    /// <returns>The grant's name, by which it is taken back.</returns>
    public Task<StatementId> GrantAsync(ResourceGrant grant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return StateAsync(new StatementBody.GrantResource(grant.Encode()), (statement, token) => _client.CreateGrantAsync(Network, statement, token), cancellationToken);
    }

    /// <summary>Takes back what <see cref="GrantAsync(ResourceGrant, CancellationToken)"/> gave.</summary>
    public Task<StatementId> RevokeGrantAsync(StatementId grant, CancellationToken cancellationToken = default) => StateAsync(
        new StatementBody.Revoke(RevokeKind.Grant, grant, default, Keep.None), (statement, token) => _client.RevokeGrantAsync(Network, grant, statement, token), cancellationToken);

    /// <summary>Sets who may use which services and topics of whom.</summary>
    public Task<StatementId> SetPolicyAsync(Policy policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return StateAsync(new StatementBody.SetPolicy(policy.Encode()), (statement, token) => _client.PutPolicyAsync(Network, statement, token), cancellationToken);
    }
}
