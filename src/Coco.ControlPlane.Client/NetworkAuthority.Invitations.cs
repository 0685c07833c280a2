using System.Buffers.Text;
using System.Collections.Concurrent;
using Coco.Cluster.Invitations;
using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.ControlPlane.Client;

/// <content>
/// Invitations by link. What the newcomer becomes stands in the ticket, which the control plane does not have: it can withhold requests and answers, and change
/// nothing. The link is the inviter's to keep until it is answered.
/// </content>
public sealed partial class NetworkAuthority
{
    // Whom a ticket let in: a control plane that forgets an answer gets no second one.
    private readonly ConcurrentDictionary<TicketId, NodeId> _invited = new();

    /// <summary>Makes a link for one newcomer.</summary>
    public async Task<JoinLink> InviteAsync(InvitationTerms? terms = null, CancellationToken cancellationToken = default)
    {
        terms ??= new();
        var expires = _client.Time.GetUtcNow() + terms.Lifetime;
        var ticket = new Ticket(
            Network, TicketSecret.Generate(RandomSource.System), new(terms.Role, terms.SubCluster, (ulong)expires.ToUnixTimeSeconds()), [new(_key.Id, [], [])]);
        var invitation = await _client.CreateInvitationAsync(
            Network, new(expires, terms.Role is Role.Admin ? "admin" : "guest", terms.SubCluster.IsDefault ? null : terms.SubCluster.Name), cancellationToken).ConfigureAwait(false);
        return JoinLink.Make(new(invitation.Url), invitation.Id, ticket);
    }

    /// <summary>Lets the first in who has asked by a link, if there is one.</summary>
    /// <param name="link">The link, as <see cref="InviteAsync"/> made it.</param>
    /// <param name="terms">More of what the node is admitted as; the place is the link's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The node; null where nobody has asked who has the link.</returns>
    public async Task<CertifiedNode?> AnswerAsync(JoinLink link, NodeTerms? terms = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(link);
        if (link.Ticket.Network != Network) { throw new ControlPlaneException(ControlPlaneError.Invalid, "The link is of another network."); }
        if (Now >= link.Ticket.Terms.Expiry) { throw new ControlPlaneException(ControlPlaneError.Gone, "The link has expired."); }
        var page = await _client.ListJoinRequestsAsync(Network, link.Invitation, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (var request in page.Items.OrderBy(static request => request.Created))
        {
            if (!link.IsBy(request.Mac, request.Information) || !NodeInformation.TryImport(request.Information, out var node) || node.Network != Network) { continue; }
            if (_invited.GetOrAdd(link.Ticket.Id, node.Node) != node.Node) { continue; }
            if (link.Ticket.Terms.Role is Role.Admin && RoleOf(node.Wish.User) is not (Role.Admin or Role.Owner))
            {
                await GrantAsync(node.Wish.User, Role.Admin, cancellationToken).ConfigureAwait(false);
            }
            await SynchroniseAsync(cancellationToken).ConfigureAwait(false);
            var (certificate, admission) = Admit(node, (terms ?? new()) with { SubCluster = link.Ticket.Terms.SubCluster });
            await _client.AnswerJoinRequestAsync(Network, link.Invitation, request.Id, new(Base64Url.EncodeToString(certificate.Encoded.Span), admission), cancellationToken).ConfigureAwait(false);
            return new(await _client.GetNodeAsync(Network, node.Node, cancellationToken).ConfigureAwait(false), admission);
        }
        return null;
    }
}
