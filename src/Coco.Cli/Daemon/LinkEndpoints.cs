using System.Globalization;
using Coco.Cli.Api;
using Coco.Cluster.Invitations;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Invitations;

namespace Coco.Cli.Daemon;

/// <summary>
/// Invitations by link at a control plane. The ticket is this node's own, so whoever has the link joins while this node is within reach; the control plane has its name, how long it is good
/// and whether it was taken back, and never the ticket.
/// </summary>
internal static class LinkEndpoints
{
    private const int MaxListed = 1_000; // what a control plane keeps of a network
    private const int MaxKept = 1_000;

    public static void Map(ApiRoutes routes)
    {
        routes.Post<LinkWish, LinkView>("/v1/links", CreateAsync);
        routes.Post<LinkQuestion, LinkList>("/v1/links/list", ListAsync, needsRoom: false);
        routes.Post<LinkQuestion, LinkRevoked>("/v1/links/revocations", RevokeAsync, needsRoom: false);
        routes.Post<LinkQuestion, LinkAnswered>("/v1/links/answers", AnswerAsync);
        routes.Post<LinkQuestion, Done>("/v1/links/notes", NoteAsync, needsRoom: false);
    }

    private static async Task<LinkView> CreateAsync(ApiCall call, LinkWish wish)
    {
        var held = call.Network();
        var origin = OriginOf(held, wish.Control);
        var ticket = await NetworkEndpoints.TicketOfAsync(call, held, wish.Invitation);
        try
        {
            var request = new CreateInvitationRequest(ExpiryOf(ticket), ApiJson.NameOf(ticket.Terms.Role), wish.Invitation.SubCluster);
            var invitation = await ControlPlaneEndpoints.AskAsync(call, origin, wish.Token, client => client.CreateInvitationAsync(held.Node.Network, request, call.Aborted));
            if (!JoinLink.TryParse($"{invitation.Url}#{ticket.ToText()}", out var link)) { throw ApiException.Of(CocoError.Invalid, $"{origin.Host} names a place for the link that is none. Look at its PublicUrl."); }
            Remember(call, held, new(link.Invitation, IdOf(ticket), ExpiryOf(ticket)));
            var problem = wish.NoteTo is { } to ? await TryNoteAsync(call, held, origin, wish.Token, link.Invitation, to) : null;
            return new(link.ToText(), link.Invitation, IdOf(ticket), held.NetworkName, PlaceOf(origin), ApiJson.NameOf(ticket.Terms.Role), wish.Invitation.SubCluster, ExpiryOf(ticket), problem);
        }
        catch
        {
            // Nobody was told of it.
            await held.Node.RevokeInvitationAsync(ticket.Id, CancellationToken.None);
            throw;
        }
    }

    private static async Task<LinkList> ListAsync(ApiCall call, LinkQuestion question)
    {
        var held = call.Network();
        var origin = OriginOf(held, question.Control);
        var all = await ControlPlaneEndpoints.AskAsync(call, origin, question.Token, async client =>
        {
            var all = new List<InvitationView>();
            string? cursor = null;
            do
            {
                var page = await client.ListInvitationsAsync(held.Node.Network, cursor, call.Aborted);
                all.AddRange(page.Items);
                cursor = page.Items.Count > 0 ? page.Next : null;
            }
            while (cursor is not null && all.Count < MaxListed);
            return all;
        });
        return new(held.NetworkName, PlaceOf(origin), all);
    }

    private static async Task<LinkRevoked> RevokeAsync(ApiCall call, LinkQuestion question)
    {
        var held = call.Network();
        var (origin, name, ticket) = Named(held, question);
        // The ticket first: that is what lets somebody in. One that is used, or another node's, the control plane knows more of.
        var isRevoked = await TryRevokeAsync(call, held, ticket ?? held.Settings.Links.FirstOrDefault(one => one.Invitation == name)?.Ticket);
        await ControlPlaneEndpoints.AskAsync(call, origin, question.Token, async client =>
        {
            await client.RevokeInvitationAsync(held.Node.Network, name, call.Aborted);
            return true;
        });
        held.Keep(held.Settings with { Links = [.. held.Settings.Links.Where(one => one.Invitation != name)] });
        return new(name, PlaceOf(origin), isRevoked);
    }

    private static async Task<LinkAnswered> AnswerAsync(ApiCall call, LinkQuestion question)
    {
        var held = call.Network();
        if (!JoinLink.TryParse(question.Invitation?.Trim(), out var link)) { throw ApiException.Of(CocoError.InvalidText, "This is no link, or not all of it. It ends with a # and a long key, by which the newcomer's request is known."); }
        var node = await ControlPlaneEndpoints.AskAsync(
            call, OriginOf(held, question.Control ?? link.Address.ToString()), question.Token, client => client.AnswerAsync(held.Node, link, call.Aborted));
        return new(link.Invitation, held.NetworkName, node?.ToString());
    }

    private static async Task<Done> NoteAsync(ApiCall call, LinkQuestion question)
    {
        var held = call.Network();
        var (origin, name, _) = Named(held, question);
        var to = question.NoteTo ?? throw ApiException.Of(CocoError.Invalid, "The question lacks the address of mail.");
        await ControlPlaneEndpoints.AskAsync(call, origin, question.Token, client => AskNoteAsync(call, held, client, name, to));
        return new();
    }

    // The link is good without its note: what is wrong with the note is told beside it.
    private static async Task<string?> TryNoteAsync(ApiCall call, HeldNode held, Uri origin, string token, string invitation, string to)
    {
        try
        {
            await ControlPlaneEndpoints.AskAsync(call, origin, token, client => AskNoteAsync(call, held, client, invitation, to));
            return null;
        }
        catch (ApiException exception)
        {
            return exception.Message;
        }
    }

    private static async Task<bool> AskNoteAsync(ApiCall call, HeldNode held, ControlPlaneClient client, string invitation, string to)
    {
        await client.CreateInvitationNoteAsync(held.Node.Network, invitation, to, call.Aborted);
        return true;
    }

    private static async Task<bool> TryRevokeAsync(ApiCall call, HeldNode held, string? ticket)
    {
        if (!UInt128.TryParse(ticket, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)) { return false; }
        try
        {
            await held.Node.RevokeInvitationAsync(new(id), call.Aborted);
            return true;
        }
        catch (CocoException exception) when (exception.Code is CocoError.NotFound)
        {
            return false; // it was used, taken back before, or made by another node
        }
    }

    private static void Remember(ApiCall call, HeldNode held, LinkEntry made)
    {
        var now = call.Daemon.Time.GetUtcNow();
        held.Keep(held.Settings with { Links = [.. held.Settings.Links.Where(one => one.Expires > now).TakeLast(MaxKept - 1), made] });
    }

    private static (Uri Origin, string Invitation, string? Ticket) Named(HeldNode held, LinkQuestion question)
    {
        var text = question.Invitation?.Trim() is { Length: > 0 } given ? given : throw ApiException.Of(CocoError.Invalid, "The question lacks the invitation.");
        if (JoinLink.TryParse(text, out var link))
        {
            if (link.Ticket.Network != held.Node.Network) { throw ApiException.Of(CocoError.Invalid, $"The link is of another network than {held.NetworkName}. Say which with --network."); }
            return (OriginOf(held, question.Control ?? link.Address.ToString()), link.Invitation, IdOf(link.Ticket));
        }
        if (!text.All(static character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-'))
        {
            throw ApiException.Of(CocoError.InvalidText, "This is no link, or not all of it, and no name of an invitation, which begins with inv_. `coco invite list` shows the names.");
        }
        return (OriginOf(held, question.Control), text, null);
    }

    private static Uri OriginOf(HeldNode held, string? control)
    {
        if (control is not null) { return ControlPlaneEndpoints.OriginOf(control); }
        var listed = held.Node.ControlPlanes.Select(static plane => plane.Api).OfType<Uri>().Distinct().ToArray();
        return listed is [var only]
            ? only
            : throw ApiException.Of(
                CocoError.Invalid, listed.Length == 0
                    ? $"Network {held.NetworkName} lists no control plane with an address for this. Say which one with --control https://control.example."
                    : $"Network {held.NetworkName} lists {listed.Length} control planes. Say which one with --control.");
    }

    private static string IdOf(Ticket ticket) => ticket.Id.Value.ToString("x32", CultureInfo.InvariantCulture);

    private static DateTimeOffset ExpiryOf(Ticket ticket) => DateTimeOffset.FromUnixTimeSeconds((long)ticket.Terms.Expiry);

    private static string PlaceOf(Uri origin) => origin.GetLeftPart(UriPartial.Authority);
}
