using Coco.Cluster;
using Coco.Cluster.Invitations;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Invitations;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Webhooks;

namespace Coco.ControlPlane.Invitations;

/// <summary>
/// Links for newcomers. The part behind the <c>#</c> is the ticket, which browsers do not send and this program never sees. A newcomer whose
/// sponsor is away leaves what its node exported, with a MAC under the ticket's key; the inviter's own program checks it and signs.
/// One request of an invitation is ever answered.
/// </summary>
internal sealed class InvitationDesk(NetworkNodes nodes, WebhookOutbox outbox, ControlPlaneSettings settings, TimeProvider time)
{
    public const int MaxAdmission = 512 << 10;

    /// <summary>Requests of one invitation: more than a few means that the link went round.</summary>
    public const int MaxRequests = 16;

    private const int MaxOpen = 1_000;
    private const int MaxMac = 64;

    private static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    public async Task<InvitationView> CreateAsync(Session session, HttpContext context, string network, CreateInvitationRequest request)
    {
        var now = time.GetUtcNow();
        if (request.Expires <= now || request.Expires > now + InvitationRow.Longest) { throw new ApiException(ProblemCode.Invalid, "expires is from now to 30 days from now."); }
        if (request.Role is not ("guest" or "admin")) { throw new ApiException(ProblemCode.Invalid, "role is guest or admin."); }
        if (request.SubCluster is { } part && !SubClusterId.TryParse(part, out _)) { throw new ApiException(ProblemCode.Invalid, "subCluster is no name of one."); }
        await session.ExecuteAsync($"DELETE FROM invitations WHERE network = {network} AND expires < {now - Memory}");
        if (await session.NumberAsync($"SELECT COUNT(*) FROM invitations WHERE network = {network}") >= MaxOpen)
        {
            throw new ApiException(ProblemCode.PlanExceeded, $"A network has at most {MaxOpen} invitations. Those that have ended go after a week.");
        }
        var id = Identifiers.New("inv");
        await session.ExecuteAsync(
            $"INSERT INTO invitations (id, network, role, sub_cluster, state, created, expires, version) VALUES ({id}, {network}, {request.Role}, {request.SubCluster}, {"open"}, {now}, {request.Expires}, {1L})");
        return (await FindAsync(session, id))!.View(UrlOf(context, id), now);
    }

    public async Task<Page<InvitationView>> ListAsync(Session session, HttpContext context, string network, Cursor cursor)
    {
        var rows = await session.QueryAsync($"SELECT * FROM invitations WHERE network = {network} AND id > {cursor.After} ORDER BY id LIMIT {cursor.Limit + 1L}", InvitationRow.Read);
        return cursor.Page(rows, row => row.Id, row => row.View(UrlOf(context, row.Id), time.GetUtcNow()));
    }

    public static async Task RevokeAsync(Session session, string network, string id)
    {
        var row = await RequireAsync(session, network, id);
        if (row.State == "used") { throw new ApiException(ProblemCode.Conflict, "The invitation is used. Remove the node that it let in."); }
        await session.ExecuteAsync($"UPDATE invitations SET state = {"revoked"}, version = version + 1 WHERE id = {id}");
        await session.ExecuteAsync($"DELETE FROM invitation_requests WHERE invitation = {id}");
    }

    public async Task<InvitationStateView> ShowAsync(Session session, string id)
    {
        var row = await FindAsync(session, id) ?? throw ApiException.NotFound("invitation");
        return new(row.StateAt(time.GetUtcNow()), row.Expires);
    }

    /// <summary>Keeps what a stranger left, who knows the invitation's name.</summary>
    /// <returns>The request, and whether it was not there before.</returns>
    public async Task<(JoinStateView View, bool IsNew)> AskAsync(Session session, string id, CreateJoinRequest request)
    {
        var row = await FindAsync(session, id) ?? throw ApiException.NotFound("invitation");
        var state = row.StateAt(time.GetUtcNow());
        if (state != "open") { throw new ApiException(ProblemCode.Gone, $"The invitation is {state}. Ask for another."); }
        if (request.Mac.Length is 0 or > MaxMac || request.Information.Length > 2 * NodeInformation.MaxLength
            || !NodeInformation.TryImport(request.Information, out var information) || information.Network.ToString() != row.Network)
        {
            throw new ApiException(ProblemCode.Invalid, "This is no information of a node that wants to be in the network of the invitation.");
        }
        var node = information.Node.ToString();
        var there = await session.QueryAsync($"SELECT id, node, information, mac FROM invitation_requests WHERE invitation = {id}", read =>
            (Id: read.Text("id"), Node: read.Text("node"), Information: read.Text("information"), Mac: read.Text("mac")));
        // The same again is the same request: its answer may have been lost.
        if (there.Find(one => one.Information == request.Information && one.Mac == request.Mac) is { Id: not null } same) { return (new(same.Id, "waiting"), false); }
        if (there.Count >= MaxRequests || there.Count(one => one.Node == node) >= 2) { throw new ApiException(ProblemCode.Conflict, "As many as may be have asked already. Ask the inviter for another link."); }
        var name = Identifiers.New("req");
        await session.ExecuteAsync(
            $"INSERT INTO invitation_requests (id, invitation, node, information, mac, created) VALUES ({name}, {id}, {node}, {request.Information}, {request.Mac}, {time.GetUtcNow()})");
        return (new(name, "waiting"), true);
    }

    public async Task<JoinStateView> ShowAsync(Session session, string id, string request)
    {
        var row = await FindAsync(session, id) ?? throw ApiException.NotFound("invitation");
        var (there, admission) = await session.FirstAsync(
            $"SELECT admission FROM invitation_requests WHERE invitation = {id} AND id = {request}", read => (true, read.TextOrNull("admission")));
        var state = admission is not null ? "admitted" : there && row.StateAt(time.GetUtcNow()) == "open" ? "waiting" : "refused";
        return new(request, state, admission);
    }

    public static async Task<Page<JoinRequestView>> ListAsync(Session session, string network, string id, Cursor cursor)
    {
        await RequireAsync(session, network, id);
        var rows = await session.QueryAsync(
            $"SELECT id, information, mac, created, admission FROM invitation_requests WHERE invitation = {id} AND id > {cursor.After} ORDER BY id LIMIT {cursor.Limit + 1L}",
            row => new JoinRequestView(row.Text("id"), row.Text("information"), row.Text("mac"), row.Time("created"), row.TextOrNull("admission") is not null));
        return cursor.Page(rows, row => row.Id, row => row);
    }

    /// <summary>Lets the one in whom the inviter has chosen.</summary>
    public async Task<JoinStateView> AnswerAsync(Session session, Caller caller, string network, string id, string request, AnswerJoinRequest answer)
    {
        var row = await RequireAsync(session, network, id);
        var (node, information, admission) = await session.FirstAsync(
            $"SELECT node, information, admission FROM invitation_requests WHERE invitation = {id} AND id = {request}", read => (read.Text("node"), read.Text("information"), read.TextOrNull("admission")));
        if (node is null) { throw ApiException.NotFound("request"); }
        var certificate = NetworkText.Certificate(answer.Certificate);
        if (certificate.Node.ToString() != node) { throw new ApiException(ProblemCode.StatementRefused, "OtherMeaning: the certificate admits another node than the one that asked."); }
        if (answer.Admission is not { Length: > 0 and <= MaxAdmission } text || !AdmissionInformation.TryImport(text, certificate.Node, out var read) || !read.Certificate.Span.SequenceEqual(certificate.Encoded.Span))
        {
            throw new ApiException(ProblemCode.Invalid, $"admission is none of this certificate, or has more than {MaxAdmission} characters.");
        }
        if (admission is not null) { return new(request, "admitted", admission); }
        if (row.StateAt(time.GetUtcNow()) is not "open" and var state) { throw new ApiException(ProblemCode.Gone, $"The invitation is {state}: it lets nobody in any more."); }
        await nodes.CreateAsync(session, caller, NetworkText.Network(network), new(answer.Certificate, Information: information));
        await session.ExecuteAsync($"UPDATE invitation_requests SET admission = {text} WHERE id = {request}");
        await session.ExecuteAsync($"UPDATE invitations SET state = {"used"}, version = version + 1 WHERE id = {id}");
        await outbox.RaiseAsync(session, new("", "invitation.used", default, network, Anonymised: false, Node: node, Invitation: id));
        return new(request, "admitted", text);
    }

    /// <exception cref="ApiException">There is none of that name in the network.</exception>
    public static async Task<InvitationRow> RequireAsync(Session session, string network, string id) =>
        await FindAsync(session, id) is { } row && row.Network == network ? row : throw ApiException.NotFound("invitation");

    private string UrlOf(HttpContext context, string id) => $"{settings.PublicUrl ?? $"{context.Request.Scheme}://{context.Request.Host}"}/join/{id}";

    private static Task<InvitationRow?> FindAsync(Session session, string id) => session.FirstAsync($"SELECT * FROM invitations WHERE id = {id}", InvitationRow.Read);
}
