using Coco.Cluster;
using Coco.Cluster.Grants;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlanes;
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

    /// <summary>Calls the network something else. What it is like stays.</summary>
    public Task<StatementId> RenameAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var settings = _log.State.Settings?.Settings ?? ReadOnlyMemory<byte>.Empty;
        return StateAsync(new StatementBody.SetSettings(name, _log.State.Profile, settings), (statement, token) => _client.PutSettingsAsync(Network, statement, token), cancellationToken);
    }

    /// <summary>Says which control planes the members use, in place of those said before; at most 16.</summary>
    public Task<StatementId> SetControlPlanesAsync(IReadOnlyList<ControlPlaneInfo> controlPlanes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(controlPlanes);
        return StateAsync(
            new StatementBody.SetControlPlanes([.. controlPlanes.Select(ControlPlaneText.Write)]), (statement, token) => _client.PutControlPlanesAsync(Network, statement, token), cancellationToken);
    }

    /// <summary>Hands the network over to somebody whose key is here as well. The recovery key stays with whoever has it; this authority has no office then. At the control
    /// plane the caller has the network on, by the new owner's key, until another who shows that key takes it.</summary>
    /// <param name="newOwner">The new owner's key, which agrees to this statement alone, and stays the caller's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<StatementId> TransferOwnershipAsync(IdentityKey newOwner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(newOwner);
        return StateAsync(
            () => new StatementBody.Transfer(
                new(newOwner.Id), Consents.Sign(newOwner, Consents.Owner, Network, _log.State.OwnerAuthority, _key.Id, _log.TipOf(_key.Id).Last), _log.State.Recovery.Key, null, Keep.All),
            (statement, token) => ThenLinkAsync(_client.TransferOwnershipAsync(Network, statement, token), newOwner, token), cancellationToken);
    }

    /// <summary>Hands the network over to somebody whose key is elsewhere. The recovery key stays with whoever has it; this authority has no office then. At the control plane
    /// nobody has the network until the new owner shows that key (<see cref="ControlPlaneClient.LinkUserAsync"/>).</summary>
    /// <param name="newOwner">Who owns it from now on.</param>
    /// <param name="agreement">What <see cref="AgreeToOwnAsync"/>, or <see cref="Node.AgreeToOwnAsync"/>, gave to the new owner. It holds until the owner states anything else.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.Invalid"/>: the new owner has not agreed to this.</exception>
    public async Task<StatementId> TransferOwnershipAsync(UserId newOwner, ReadOnlyMemory<byte> agreement, CancellationToken cancellationToken = default)
    {
        StatementId? sent = null;
        try
        {
            return await StateAsync(
                () => newOwner.Key.Verify(Consents.Bytes(Consents.Owner, Network, _log.State.OwnerAuthority, _key.Id, _log.TipOf(_key.Id).Last), agreement.Span)
                    ? new StatementBody.Transfer(newOwner, agreement, _log.State.Recovery.Key, null, Keep.All)
                    : throw new ControlPlaneException(ControlPlaneError.Invalid, "The new owner has not agreed, or something was stated since: ask for consent again."),
                async (statement, token) =>
                {
                    var change = await _client.TransferOwnershipAsync(Network, statement, token).ConfigureAwait(false);
                    sent = StatementId.Of(statement.Span);
                    return change;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (ControlPlaneException exception) when (exception.Code is ControlPlaneError.NotFound && sent is { } transfer)
        {
            return transfer; // it was taken, so that the network is not this caller's to look at any more
        }
    }

    /// <summary>Agrees, as this authority's user, to own the network: what the owner needs for
    /// <see cref="TransferOwnershipAsync(UserId, ReadOnlyMemory{byte}, CancellationToken)"/>. It holds until the owner states anything else.</summary>
    public async Task<byte[]> AgreeToOwnAsync(CancellationToken cancellationToken = default)
    {
        await SynchroniseAsync(cancellationToken).ConfigureAwait(false);
        lock (_reading)
        {
            return _log.State.Owner is { } owner && owner != User
                ? Consents.Sign(_key, Consents.Owner, Network, _log.State.OwnerAuthority, owner.Key, _log.TipOf(owner.Key).Last)
                : throw new ControlPlaneException(ControlPlaneError.Invalid, "This user owns the network already.");
        }
    }

    /// <summary>Makes another recovery key.</summary>
    /// <param name="recoveryKey">The one so far, which holds no more then. Null where it is lost, or there is none: the one so far goes on to hold, and comes first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new recovery key. It is kept nowhere.</returns>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.Forbidden"/>: it is not the recovery key on record, or this user does not own the network.</exception>
    public async Task<string> SetRecoveryKeyAsync(string? recoveryKey = null, CancellationToken cancellationToken = default)
    {
        using var recovery = recoveryKey is null ? null : Hosting.RecoveryKey.Read(recoveryKey);
        using var next = IdentityKey.Generate();
        await NameRecoveryAsync(next.Id, recovery, cancellationToken).ConfigureAwait(false);
        return Hosting.RecoveryKey.Write(next);
    }

    /// <summary>Leaves the network without a recovery key: an owner's key that is lost then is lost for good.</summary>
    /// <param name="recoveryKey">The one so far, without which it would go on to hold.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.Forbidden"/>: it is not the recovery key on record, or this user does not own the network.</exception>
    public async Task RemoveRecoveryKeyAsync(string recoveryKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recoveryKey);
        using var recovery = Hosting.RecoveryKey.Read(recoveryKey);
        await NameRecoveryAsync(default, recovery, cancellationToken).ConfigureAwait(false);
    }

    // A key loses its power only by its own signature, or whoever has the owner's key could take the owner's last resort away.
    private Task<StatementId> NameRecoveryAsync(NodeId next, IdentityKey? retiring, CancellationToken cancellationToken) => StateAsync(
        () =>
        {
            if (retiring is null) { return new StatementBody.SetRecovery(next, null); }
            var (key, naming) = (_log.State.Recovery.Key, _log.State.Recovery.By);
            if (key != retiring.Id) { throw new ControlPlaneException(ControlPlaneError.Forbidden, "This is not the recovery key on record."); }
            return new StatementBody.SetRecovery(next, Retirement.Sign(retiring, naming, Network, _key.Id, _log.TipOf(_key.Id).Last));
        },
        (statement, token) => _client.SetRecoveryKeyAsync(Network, statement, token), cancellationToken);

    // At the control plane nobody has the network after that, until somebody shows the new owner's key.
    private async Task<ChangeView> ThenLinkAsync(Task<ChangeView> changing, IdentityKey owner, CancellationToken cancellationToken)
    {
        var change = await changing.ConfigureAwait(false);
        await _client.LinkUserAsync(Network, owner, cancellationToken).ConfigureAwait(false);
        return change;
    }

    /// <summary>Makes this authority's user the owner, with the recovery key: where the owner's key is lost or stolen.</summary>
    /// <param name="recoveryKey">The text that was written down when the network was founded.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The next recovery key, as the old one holds no more. It is kept nowhere.</returns>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.Forbidden"/>: it is not the recovery key on record.</exception>
    public async Task<string> RecoverAsync(string recoveryKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recoveryKey);
        using var recovery = Hosting.RecoveryKey.Read(recoveryKey);
        using var next = IdentityKey.Generate();
        await StateAsync(
            () =>
            {
                if (_log.State.Recovery.Key != recovery.Id || _log.State.Owner is not { } owner) { throw new ControlPlaneException(ControlPlaneError.Forbidden, "This is not the recovery key on record."); }
                return new StatementBody.Recover(_log.State.OwnerAuthority, _log.TipOf(owner.Key), User, next.Id, Keep.All);
            },
            (statement, token) => ThenLinkAsync(_client.RecoverOwnershipAsync(Network, statement, token), _key, token), cancellationToken, recovery).ConfigureAwait(false);
        return Hosting.RecoveryKey.Write(next);
    }
}
