namespace Coco.ControlPlane.Api;

/// <content>People: registration, sign-in, and what they change of their own.</content>
internal static partial class Operations
{
    public static readonly Operation Register = new("registerAccount", "POST", "/v1/accounts", Access.Anyone, null,
        "Asks for an account. The answer is the same whether the address has one; a mail says more.") { TakesCredentials = true };

    public static readonly Operation ConfirmAccount = new("confirmAccount", "POST", "/v1/accounts/confirm", Access.Anyone, null,
        "Makes the account by the code from the mail and the password that was chosen, and signs in.") { TakesCredentials = true, Refuses = [410] };

    public static readonly Operation AskForReset = new("askForPasswordReset", "POST", "/v1/accounts/reset", Access.Anyone, null,
        "Asks for a mail by which to set a new password. The answer is the same whether the address has an account.") { TakesCredentials = true };

    public static readonly Operation CompleteReset = new("completePasswordReset", "POST", "/v1/accounts/reset/complete", Access.Anyone, null,
        "Sets a new password by the code from the mail. All sessions end.") { TakesCredentials = true, Refuses = [410] };

    public static readonly Operation ConfirmEmail = new("confirmEmail", "POST", "/v1/accounts/confirm-email", Access.Anyone, null,
        "Makes the address to which the code went the account's.") { TakesCredentials = true, Refuses = [410] };

    public static readonly Operation CreateSession = new("createSession", "POST", "/v1/sessions", Access.Anyone, null, "Signs in with a password.") { TakesCredentials = true };

    public static readonly Operation ListSessions = new("listSessions", "GET", "/v1/sessions", Access.OwnAccount, null, "Where one is signed in.");

    public static readonly Operation DeleteSession = new("deleteSession", "DELETE", "/v1/sessions/{session}", Access.OwnAccount, null, "Ends a session; `current` for the caller's own.");

    public static readonly Operation GetMe = new("getMe", "GET", "/v1/me", Access.Account, "account", "The caller's account.") { ShowsVersion = true, Refuses = [404] };

    public static readonly Operation ChangePassword = new("changePassword", "PUT", "/v1/me/password", Access.OwnAccount, null,
        "Sets another password. All other sessions end.") { TakesCredentials = true, Refuses = [404] };

    public static readonly Operation AskForEmail = new("askForEmail", "POST", "/v1/me/email", Access.OwnAccount, null,
        "Asks for another address, to which a mail goes.") { TakesCredentials = true, Refuses = [404] };

    public static readonly Operation DeleteMe = new("deleteMe", "POST", "/v1/me/delete", Access.OwnAccount, null,
        "Deletes the account, with its apps.") { TakesCredentials = true, Refuses = [404, 409] };
}
