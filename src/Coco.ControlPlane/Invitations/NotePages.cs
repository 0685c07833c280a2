using Coco.ControlPlane.Pages;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Invitations;

/// <summary>The page where somebody who was invited says that no more notes shall come.</summary>
internal sealed class NotePages(FormPages forms, Database database, InvitationNotes notes)
{
    public void Map(IEndpointRouteBuilder endpoints) => forms.Map(endpoints, new(
        InvitationNotes.RefusalPath,
        "No more notes",
        "Send me no more notes",
        static values => $"""<p>Whoever invites you to a network: no mail tells you of it any more. Links that people send you themselves work as before.</p><input type="hidden" name="code" value="{values["code"]}">""",
        async (context, values) =>
        {
            await database.WriteAsync(session => notes.RefuseAsync(session, values["code"]), context.RequestAborted);
            await Page.WriteAsync(context, "Done", $"<p>No more notes are sent to your address.</p>");
            return null;
        }));
}
