using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Invitations;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Invitations;

/// <summary>Operations on invitations.</summary>
internal static class InvitationOperations
{
    public static void Map(ApiRoutes routes)
    {
        routes.Map<InvitationView>(Api.Operations.CreateInvitation, 201, CreateAsync);
        routes.Map<Page<InvitationView>>(Api.Operations.ListInvitations, 200, ListAsync);
        routes.MapEmpty(Api.Operations.RevokeInvitation, 204, RevokeAsync);
        routes.MapEmpty(Api.Operations.CreateInvitationNote, 202, SendNoteAsync);
        routes.Map<Page<JoinRequestView>>(Api.Operations.ListJoinRequests, 200, ListRequestsAsync);
        routes.Map<JoinStateView>(Api.Operations.AnswerJoinRequest, 200, AnswerAsync);
        routes.Map<InvitationStateView>(Api.Operations.GetInvitation, 200, GetAsync);
        routes.Map<JoinStateView>(Api.Operations.CreateJoinRequest, 201, AskAsync);
        routes.Map<JoinStateView>(Api.Operations.GetJoinRequest, 200, GetRequestAsync);
    }

    private static Task<IResult> CreateAsync(string network, CreateInvitationRequest request, HttpContext context, ApiWriter writer, InvitationDesk desk) => writer.WriteAsync(async session =>
    {
        var view = await desk.CreateAsync(session, context, network, request);
        return Answer.Created($"/v1/invitations/{view.Id}", view, view.Version);
    });

    private static async Task<Answer> ListAsync(string network, Cursor cursor, HttpContext context, Database database, InvitationDesk desk) =>
        Answer.Ok(await database.ReadAsync(session => desk.ListAsync(session, context, network, cursor), context.RequestAborted));

    private static Task<IResult> RevokeAsync(string network, string invitation, ApiWriter writer) => writer.WriteAsync(async session =>
    {
        await InvitationDesk.RevokeAsync(session, network, invitation);
        return Answer.NoContent;
    });

    private static Task<IResult> SendNoteAsync(string network, string invitation, CreateInvitationNoteRequest request, Caller caller, ApiWriter writer, InvitationNotes notes) => writer.WriteAsync(
        async session =>
        {
            await notes.SendAsync(session, caller, await InvitationDesk.RequireAsync(session, network, invitation), request.Email);
            return new Answer(202, null);
        },
        MailOutbox.Channel);

    private static async Task<Answer> ListRequestsAsync(string network, string invitation, Cursor cursor, HttpContext context, Database database) =>
        Answer.Ok(await database.ReadAsync(session => InvitationDesk.ListAsync(session, network, invitation, cursor), context.RequestAborted));

    private static Task<IResult> AnswerAsync(string network, string invitation, string request, AnswerJoinRequest answer, Caller caller, ApiWriter writer, InvitationDesk desk) =>
        writer.WriteAsync(async session => Answer.Ok(await desk.AnswerAsync(session, caller, network, invitation, request, answer)));

    private static async Task<Answer> GetAsync(string invitation, Database database, InvitationDesk desk, HttpContext context) =>
        Answer.Ok(await database.ReadAsync(session => desk.ShowAsync(session, invitation), context.RequestAborted));

    private static Task<IResult> AskAsync(string invitation, CreateJoinRequest request, ApiWriter writer, InvitationDesk desk) => writer.WriteAsync(async session =>
    {
        var (view, isNew) = await desk.AskAsync(session, invitation, request);
        return Answer.Created($"/v1/invitations/{invitation}/requests/{view.Id}", view) with { IsOfBefore = !isNew };
    });

    private static async Task<Answer> GetRequestAsync(string invitation, string request, Database database, InvitationDesk desk, HttpContext context) =>
        Answer.Ok(await database.ReadAsync(session => desk.ShowAsync(session, invitation, request), context.RequestAborted));
}
