using Coco.Cluster;
using Coco.Cluster.Grants;
using Coco.Cluster.Invitations;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;
using Coco.Crypto;
using Coco.Hosting;

namespace Coco;

/// <content>
/// What a user may change in the network. Each act has its effect here when it returns, and is stored by then; it goes to all others at once. Cancelling
/// ends the wait, not the act. Each throws a <see cref="CocoException"/> where the user may not.
/// </content>
public sealed partial class Node
{
    /// <summary>Makes a ticket, with which one node can join. For owner and admins.</summary>
    /// <param name="invitation">What the newcomer will be; a guest, within a day, when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Ticket> InviteAsync(Invitation? invitation = null, CancellationToken cancellationToken = default)
    {
        invitation ??= new();
        return _loop.InviteAsync(now => new(invitation.Role, invitation.SubCluster, now + (ulong)invitation.Lifetime.TotalSeconds) { Tags = invitation.Tags }, cancellationToken);
    }

    /// <summary>Takes a ticket of this node's back that nobody has used.</summary>
    public Task RevokeInvitationAsync(TicketId ticket, CancellationToken cancellationToken = default) =>
        ActAsync((member, now) => member.RevokeTicket(ticket, now), cancellationToken);

    /// <summary>Removes a node, for good: its connections end at all members within reach within a second.</summary>
    public Task RemoveAsync(NodeId node, CancellationToken cancellationToken = default) => ActAsync((member, now) => member.RemoveNode(node, now), cancellationToken);

    /// <summary>Removes a user, with all nodes.</summary>
    public Task RemoveAsync(UserId user, CancellationToken cancellationToken = default) => ActAsync((member, now) => member.RemoveUser(user, now), cancellationToken);

    /// <summary>Makes a user an admin or a guest.</summary>
    public Task GrantAsync(UserId user, Role role, CancellationToken cancellationToken = default) =>
        ActAsync((member, now) => member.GrantRole(user, role, now), cancellationToken);

    /// <summary>Lets a user, or all of a role, do things with resources.</summary>
    /// <returns>The grant's name, by which it can be taken back.</returns>
    public Task<StatementId> GrantAsync(ResourceGrant grant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return _loop.AskAsync((member, now) => member.GrantResource(grant, now), cancellationToken);
    }

    /// <summary>Takes back what <see cref="GrantAsync(ResourceGrant, CancellationToken)"/> gave.</summary>
    public Task RevokeGrantAsync(StatementId grant, CancellationToken cancellationToken = default) =>
        ActAsync((member, now) => member.RevokeGrant(grant, now), cancellationToken);

    /// <summary>Sets who may use which services and topics of whom.</summary>
    public Task SetPolicyAsync(Policy policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return ActAsync((member, now) => member.SetPolicy(policy, now), cancellationToken);
    }

    /// <summary>Whether a member may use a service or topic of this node's, and by which rule.</summary>
    public Task<PolicyDecision> DecideAsync(NodeId caller, PolicyKind kind, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _loop.AskAsync((member, _) => member.Decide(caller, kind, name), cancellationToken);
    }

    /// <summary>Whether a member may do something with a resource of this node's, and by which grant. It takes the time as it is known here into account.</summary>
    /// <param name="peer">Who asks.</param>
    /// <param name="resource">The resource, for example <c>home/door/front</c>.</param>
    /// <param name="action">What with it, for example <c>open</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<GrantDecision> CheckGrantAsync(NodeId peer, string resource, string action, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(action);
        return _loop.AskAsync((member, now) => member.CheckGrant(peer, resource, action, now), cancellationToken);
    }

    /// <summary>Makes one signed snapshot of all that was stated so far, which everybody needs to keep no longer. For the owner.</summary>
    public Task CompactAsync(CancellationToken cancellationToken = default) => ActAsync(static (member, now) => member.Compact(now), cancellationToken);

    /// <summary>Calls a node something else.</summary>
    public Task RenameAsync(NodeId node, string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return ActAsync((member, now) => member.Rename(node, name, now), cancellationToken);
    }

    /// <summary>Moves a node to another sub-cluster.</summary>
    public Task MoveAsync(NodeId node, SubClusterId subCluster, CancellationToken cancellationToken = default) =>
        ActAsync((member, now) => member.MoveToSubCluster(node, subCluster, now), cancellationToken);

    /// <summary>Agrees, as this node's user, to own the network: what the owner needs for <see cref="TransferOwnershipAsync"/>. It holds until the owner states
    /// anything else.</summary>
    public Task<byte[]> AgreeToOwnAsync(CancellationToken cancellationToken = default) => _loop.AskAsync(static (member, _) => member.AgreeToOwn(), cancellationToken);

    /// <summary>Hands the network over. The recovery key stays with whoever has it.</summary>
    /// <param name="newOwner">Who owns it from now on.</param>
    /// <param name="agreement">What <see cref="AgreeToOwnAsync"/> gave at a node of the new owner's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task TransferOwnershipAsync(UserId newOwner, ReadOnlyMemory<byte> agreement, CancellationToken cancellationToken = default) =>
        ActAsync((member, now) => member.TransferOwnership(newOwner, agreement, member.State.Recovery.Key, now), cancellationToken);

    /// <summary>Makes another recovery key. For the owner.</summary>
    /// <param name="recoveryKey">The one so far, which holds no more then. Null where it is lost, or there is none: the one so far goes on to hold, and whoever has it can undo what
    /// the owner did from now on.</param>
    /// <param name="cancellationToken">Ends the wait; a key may be named then that nobody has, and another call names another.</param>
    /// <returns>The new recovery key. It is kept nowhere: write it down and put it away.</returns>
    public async Task<string> SetRecoveryKeyAsync(string? recoveryKey = null, CancellationToken cancellationToken = default)
    {
        using var retiring = recoveryKey is null ? null : RecoveryKey.Read(recoveryKey);
        using var next = IdentityKey.Generate();
        await _loop.AskAsync((member, now) => member.SetRecovery(next.Id, retiring, now), cancellationToken).ConfigureAwait(false);
        return RecoveryKey.Write(next);
    }

    /// <summary>Leaves the network without a recovery key: an owner's key that is lost then is lost for good. For the owner.</summary>
    /// <param name="recoveryKey">The one so far, without which it would go on to hold.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RemoveRecoveryKeyAsync(string recoveryKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recoveryKey);
        using var retiring = RecoveryKey.Read(recoveryKey);
        await _loop.AskAsync((member, now) => member.SetRecovery(default, retiring, now), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes this node's user the owner, with the recovery key: where the owner's key is lost or stolen. An older key that was replaced without its own word, as a thief of the
    /// owner's key has to, does too, and undoes what the owner did since.</summary>
    /// <param name="recoveryKey">The text that <see cref="TakeRecoveryKey"/> or <see cref="SetRecoveryKeyAsync"/> gave.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The next recovery key, as the old one holds no more. It is kept nowhere.</returns>
    public async Task<string> RecoverAsync(string recoveryKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recoveryKey);
        using var recovery = RecoveryKey.Read(recoveryKey);
        using var next = IdentityKey.Generate();
        await _loop.AskAsync((member, now) => member.Recover(recovery, member.Keys.UserId, next.Id, now), cancellationToken).ConfigureAwait(false);
        return RecoveryKey.Write(next);
    }

    /// <summary>Admits a node that exported information of itself (<see cref="NodeExport"/>), without a connection to it.</summary>
    /// <param name="information">The text it exported.</param>
    /// <param name="invitation">What it will be; a guest when null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The text to give back to it, for <see cref="NodeExport.ImportAsync"/>.</returns>
    public Task<string> AdmitAsync(string information, Invitation? invitation = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(information);
        invitation ??= new();
        if (!NodeInformation.TryImport(information, out var node))
        {
            throw new CocoException(CocoError.InvalidText, "This is no information of a node, or not all of it. It begins with coconode1; copy it again.");
        }
        return _loop.AskAsync(
            (member, now) => member.Admit(node, new(invitation.Role, invitation.SubCluster, ulong.MaxValue) { Tags = invitation.Tags }, now).Export(), cancellationToken);
    }

    // Admits a node that has shown that it has a ticket of this node's: as the ticket says, which is used then.
    internal Task<AdmissionInformation> AdmitByTicketAsync(NodeInformation node, TicketId ticket, CancellationToken cancellationToken) =>
        _loop.AskAsync((member, now) => member.AdmitByTicket(node, ticket, now), cancellationToken);

    private Task<bool> ActAsync(Action<NetworkMember, TimeSpan> act, CancellationToken cancellationToken) => _loop.AskAsync(
        (member, now) =>
        {
            act(member, now);
            return true;
        },
        cancellationToken);
}
