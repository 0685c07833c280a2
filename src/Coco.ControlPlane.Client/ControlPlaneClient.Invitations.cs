using System.Text.Json;
using Coco.Cluster;
using Coco.Cluster.Invitations;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Invitations;
using Coco.Crypto;

namespace Coco.ControlPlane.Client;

/// <content>Invitations by link.</content>
public sealed partial class ControlPlaneClient
{
    private static readonly TimeSpan JoinPause = TimeSpan.FromSeconds(2);

    /// <summary>Makes a place for a newcomer; <see cref="NetworkAuthority.InviteAsync"/> makes the link.</summary>
    public Task<InvitationView> CreateInvitationAsync(NetworkId network, CreateInvitationRequest request, CancellationToken cancellationToken = default) =>
        SendJsonAsync(HttpMethod.Post, PathOf(network) + "/invitations", request, ClientJson.Default.CreateInvitationRequest, ClientJson.Default.InvitationView, cancellationToken);

    /// <summary>Lists invitations.</summary>
    public Task<Page<InvitationView>> ListInvitationsAsync(NetworkId network, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{PathOf(network)}/invitations{QueryOf(cursor)}", ClientJson.Default.PageInvitationView, cancellationToken);

    /// <summary>Takes an invitation back that nobody has used.</summary>
    public Task RevokeInvitationAsync(NetworkId network, string invitation, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, $"{PathOf(network)}/invitations/{Uri.EscapeDataString(invitation)}", null, null, cancellationToken);

    /// <summary>
    /// Has the control plane send a note to somebody: who invites to which network, and that the link comes from the inviter. The link is not in it, as its secret is not at the control
    /// plane: send that yourself, by <see cref="JoinLink.ToMailLink"/> for example. For people who signed in themselves, as their own address is in it.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="invitation">The invitation, as <see cref="JoinLink.Invitation"/> names it.</param>
    /// <param name="email">The address of mail. Whether it gets notes is not told.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task CreateInvitationNoteAsync(NetworkId network, string invitation, string email, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(invitation);
        ArgumentNullException.ThrowIfNull(email);
        var body = JsonSerializer.SerializeToUtf8Bytes(new(email), ClientJson.Default.CreateInvitationNoteRequest);
        return SendAsync(HttpMethod.Post, $"{PathOf(network)}/invitations/{Uri.EscapeDataString(invitation)}/notes", body, null, cancellationToken);
    }

    /// <summary>Lists who asked to be let in by a link.</summary>
    public Task<Page<JoinRequestView>> ListJoinRequestsAsync(NetworkId network, string invitation, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{PathOf(network)}/invitations/{Uri.EscapeDataString(invitation)}/requests{QueryOf(cursor)}", ClientJson.Default.PageJoinRequestView, cancellationToken);

    /// <summary>Lets one of them in.</summary>
    public Task<JoinStateView> AnswerJoinRequestAsync(NetworkId network, string invitation, string request, AnswerJoinRequest answer, CancellationToken cancellationToken = default) => SendJsonAsync(
        HttpMethod.Post, $"{PathOf(network)}/invitations/{Uri.EscapeDataString(invitation)}/requests/{Uri.EscapeDataString(request)}/answer", answer,
        ClientJson.Default.AnswerJoinRequest, ClientJson.Default.JoinStateView, cancellationToken);

    /// <summary>
    /// Lets the first in who has asked by a link that holds a ticket of this node's, if there is one: what <see cref="NetworkAuthority.AnswerAsync"/> is where nodes hold the network's keys. The ticket is used
    /// then, so nobody else gets in by it, whatever the control plane forgets; where the answer is lost, the same node may be answered again.
    /// </summary>
    /// <param name="node">The node that made the ticket, of the owner or an admin.</param>
    /// <param name="link">The link.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The node that was let in; null where nobody has asked who has the link.</returns>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.Gone"/>: the link was used or taken back, has expired, or another node made its ticket.</exception>
    public async Task<NodeId?> AnswerAsync(Node node, JoinLink link, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(link);
        var network = node.Network;
        if (link.Ticket.Network != network) { throw new ControlPlaneException(ControlPlaneError.Invalid, "The link is of another network."); }
        var page = await ListJoinRequestsAsync(network, link.Invitation, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (var request in page.Items.OrderBy(static request => request.Created))
        {
            if (!link.IsBy(request.Mac, request.Information) || !NodeInformation.TryImport(request.Information, out var newcomer) || newcomer.Network != network) { continue; }
            var admission = await AdmitAsync(node, newcomer, link.Ticket.Id, cancellationToken).ConfigureAwait(false);
            await AnswerJoinRequestAsync(network, link.Invitation, request.Id, new(TextOf(admission.Certificate), admission.Export()), cancellationToken).ConfigureAwait(false);
            return newcomer.Node;
        }
        return null;
    }

    private static async Task<AdmissionInformation> AdmitAsync(Node node, NodeInformation newcomer, TicketId ticket, CancellationToken cancellationToken)
    {
        try
        {
            return await node.AdmitByTicketAsync(newcomer, ticket, cancellationToken).ConfigureAwait(false);
        }
        catch (CocoException exception) when (exception.Code is CocoError.NotFound)
        {
            throw new ControlPlaneException(ControlPlaneError.Gone, "The link was used or taken back, has expired, or another of your nodes made it: answer there, or make another link.", exception);
        }
    }

    /// <summary>Shows whether a link is good still.</summary>
    public Task<InvitationStateView> GetInvitationAsync(string invitation, CancellationToken cancellationToken = default) =>
        GetAsync("/v1/invitations/" + Uri.EscapeDataString(invitation), ClientJson.Default.InvitationStateView, cancellationToken);

    /// <summary>Asks to be let in by a link while its sponsor is away. Nothing of the link's secret leaves this process.</summary>
    /// <param name="link">The link.</param>
    /// <param name="information">What the node exported for the link's network (<see cref="NodeExport"/>).</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task<JoinStateView> AskToJoinAsync(JoinLink link, string information, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(information);
        return SendJsonAsync(
            HttpMethod.Post, $"/v1/invitations/{Uri.EscapeDataString(link.Invitation)}/requests", new(information, link.MacOf(information)),
            ClientJson.Default.CreateJoinRequest, ClientJson.Default.JoinStateView, cancellationToken);
    }

    /// <summary>Shows what became of a request to be let in. <see cref="WaitForAdmissionAsync"/> waits for the answer.</summary>
    public Task<JoinStateView> GetJoinRequestAsync(string invitation, string request, CancellationToken cancellationToken = default) =>
        GetAsync($"/v1/invitations/{Uri.EscapeDataString(invitation)}/requests/{Uri.EscapeDataString(request)}", ClientJson.Default.JoinStateView, cancellationToken);

    /// <summary>Waits until the inviter has answered.</summary>
    /// <param name="link">The link.</param>
    /// <param name="request">The request, as <see cref="AskToJoinAsync"/> named it.</param>
    /// <param name="cancellationToken">Ends the wait; it goes on with another call.</param>
    /// <returns>What makes the node a member, for <see cref="NodeExport.ImportAsync"/>, which verifies it.</returns>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.Gone"/>: the invitation is over, or somebody else used it.</exception>
    public async Task<string> WaitForAdmissionAsync(JoinLink link, string request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(request);
        while (true)
        {
            var state = await GetJoinRequestAsync(link.Invitation, request, cancellationToken).ConfigureAwait(false);
            if (state.Admission is { } admission) { return admission; }
            if (state.State != "waiting") { throw new ControlPlaneException(ControlPlaneError.Gone, "The invitation is over, or somebody else used it: ask for another."); }
            await Task.Delay(JoinPause, _time, cancellationToken).ConfigureAwait(false);
        }
    }
}
