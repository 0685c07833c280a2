namespace Coco.ControlPlane.Api;

/// <content>Invitations by link.</content>
internal static partial class Operations
{
    public static readonly Operation CreateInvitation =
        new("createInvitation", "POST", "/v1/networks/{network}/invitations", Access.NetworkAdmin, "networks:write", "Makes a link for one newcomer. Its secret stays with the inviter.") { ShowsVersion = true, Refuses = [402] };

    public static readonly Operation ListInvitations =
        new("listInvitations", "GET", "/v1/networks/{network}/invitations", Access.NetworkAdmin, "networks:write", "Lists invitations.");

    public static readonly Operation RevokeInvitation =
        new("revokeInvitation", "DELETE", "/v1/networks/{network}/invitations/{invitation}", Access.NetworkAdmin, "networks:write", "Takes an invitation back that nobody has used.") { Refuses = [409] };

    public static readonly Operation CreateInvitationNote = new("createInvitationNote", "POST", "/v1/networks/{network}/invitations/{invitation}/notes", Access.NetworkAdminInPerson, null,
        "Sends a note by mail to whom the caller invites, with the caller's own address: that the link comes from the caller. The link is not in it. 202 does not tell whether the address gets any.") { Refuses = [409, 410] };

    public static readonly Operation ListJoinRequests =
        new("listJoinRequests", "GET", "/v1/networks/{network}/invitations/{invitation}/requests", Access.NetworkAdmin, "networks:write", "Lists who asked to be let in by a link.");

    public static readonly Operation AnswerJoinRequest =
        new("answerJoinRequest", "POST", "/v1/networks/{network}/invitations/{invitation}/requests/{request}/answer", Access.NetworkAdmin, "networks:write", "Lets one of them in, by a signed certificate. Nobody else is let in afterwards.") { Refuses = [402, 409, 410] };

    public static readonly Operation GetInvitation =
        new("getInvitation", "GET", "/v1/invitations/{invitation}", Access.Anyone, null, "Shows whether a link is good still.");

    public static readonly Operation CreateJoinRequest =
        new("createJoinRequest", "POST", "/v1/invitations/{invitation}/requests", Access.Anyone, null, "Asks to be let in by a link, while the inviter is away.") { Refuses = [409, 410] };

    public static readonly Operation GetJoinRequest =
        new("getJoinRequest", "GET", "/v1/invitations/{invitation}/requests/{request}", Access.Anyone, null, "Shows what became of such a request.");
}
