namespace Coco.ControlPlane.Client.Contracts.Invitations;

/// <summary>Asks for a note to somebody who is invited.</summary>
/// <param name="Email">The address of mail. It is kept until the note went, and then as a hash for a day.</param>
public sealed record CreateInvitationNoteRequest(string Email)
{
    /// <summary>Nothing of it: texts end in logs.</summary>
    public override string ToString() => nameof(CreateInvitationNoteRequest);
}
