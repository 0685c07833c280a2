using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Accounts;

namespace Coco.ControlPlane.Client;

/// <content>People: accounts, sessions, consents and passkeys. What takes a password, a code or an assertion is sent once: the control plane remembers no answer to it.</content>
public sealed partial class ControlPlaneClient
{
    /// <summary>Asks for an account. The answer is the same whether the address has one; a mail says more.</summary>
    public Task RegisterAccountAsync(Credentials credentials, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/accounts", credentials, ClientJson.Default.Credentials, cancellationToken);

    /// <summary>Makes the account by the code from the mail and the password that was chosen, and signs in.</summary>
    public Task<SessionToken> ConfirmAccountAsync(AccountConfirmation confirmation, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/accounts/confirm", confirmation, ClientJson.Default.AccountConfirmation, ClientJson.Default.SessionToken, cancellationToken);

    /// <summary>Asks for a mail by which to set a new password. The answer is the same whether the address has an account.</summary>
    public Task AskForPasswordResetAsync(ResetRequest request, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/accounts/reset", request, ClientJson.Default.ResetRequest, cancellationToken);

    /// <summary>Sets a new password by the code from the mail. All sessions end.</summary>
    public Task CompletePasswordResetAsync(AccountConfirmation confirmation, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/accounts/reset/complete", confirmation, ClientJson.Default.AccountConfirmation, cancellationToken);

    /// <summary>Makes the address to which the code went the account's.</summary>
    public Task ConfirmEmailAsync(EmailConfirmation confirmation, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/accounts/confirm-email", confirmation, ClientJson.Default.EmailConfirmation, cancellationToken);

    /// <summary>Shows the caller's account.</summary>
    public Task<AccountView> GetMeAsync(CancellationToken cancellationToken = default) => GetAsync("/v1/me", ClientJson.Default.AccountView, cancellationToken);

    /// <summary>Sets another password. All other sessions end.</summary>
    public Task ChangePasswordAsync(PasswordChange change, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Put, "/v1/me/password", change, ClientJson.Default.PasswordChange, cancellationToken);

    /// <summary>Asks for another address, to which a mail goes.</summary>
    /// <param name="credentials">The new address, and the caller's password.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task AskForEmailAsync(Credentials credentials, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/me/email", credentials, ClientJson.Default.Credentials, cancellationToken);

    /// <summary>Deletes the caller's account, with its apps.</summary>
    public Task DeleteMeAsync(AccountDeletion deletion, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/me/delete", deletion, ClientJson.Default.AccountDeletion, cancellationToken);

    /// <summary>Signs in with a password.</summary>
    public Task<SessionToken> CreateSessionAsync(Credentials credentials, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/sessions", credentials, ClientJson.Default.Credentials, ClientJson.Default.SessionToken, cancellationToken);

    /// <summary>Lists where the caller is signed in.</summary>
    public Task<Page<SessionView>> ListSessionsAsync(string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync("/v1/sessions" + QueryOf(cursor), ClientJson.Default.PageSessionView, cancellationToken);

    /// <summary>Ends a session; <c>current</c> is the caller's own.</summary>
    public Task DeleteSessionAsync(string session, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "/v1/sessions/" + Uri.EscapeDataString(session), null, null, cancellationToken, isOnce: true);

    /// <summary>Lists which apps the caller has let in, and to what.</summary>
    public Task<Page<ConsentView>> ListConsentsAsync(string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync("/v1/me/consents" + QueryOf(cursor), ClientJson.Default.PageConsentView, cancellationToken);

    /// <summary>Takes back what the caller let an app do. Its tokens for the caller end at once; the caller is asked again when the app next wants in.</summary>
    public Task DeleteConsentAsync(string app, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "/v1/me/consents/" + Uri.EscapeDataString(app), null, null, cancellationToken);

    /// <summary>Gives what an authenticator needs to make a passkey for the caller.</summary>
    public Task<PasskeyCreation> PreparePasskeyAsync(PasskeyPreparation preparation, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/me/passkeys/prepare", preparation, ClientJson.Default.PasskeyPreparation, ClientJson.Default.PasskeyCreation, cancellationToken);

    /// <summary>Adds a passkey that an authenticator made.</summary>
    public Task<PasskeyView> AddPasskeyAsync(PasskeyRegistration registration, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/me/passkeys", registration, ClientJson.Default.PasskeyRegistration, ClientJson.Default.PasskeyView, cancellationToken);

    /// <summary>Lists the caller's passkeys.</summary>
    public Task<Page<PasskeyView>> ListPasskeysAsync(string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync("/v1/me/passkeys" + QueryOf(cursor), ClientJson.Default.PagePasskeyView, cancellationToken);

    /// <summary>Removes a passkey.</summary>
    public Task DeletePasskeyAsync(string passkey, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, "/v1/me/passkeys/" + Uri.EscapeDataString(passkey), null, null, cancellationToken);

    /// <summary>Gives what an authenticator needs for a sign-in.</summary>
    public Task<PasskeyChallenge> PreparePasskeySessionAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, "/v1/sessions/passkey/prepare", null, null, ClientJson.Default.PasskeyChallenge, cancellationToken);

    /// <summary>Signs in with a passkey.</summary>
    public Task<SessionToken> CreatePasskeySessionAsync(PasskeyAssertion assertion, CancellationToken cancellationToken = default) =>
        SendOnceAsync(HttpMethod.Post, "/v1/sessions/passkey", assertion, ClientJson.Default.PasskeyAssertion, ClientJson.Default.SessionToken, cancellationToken);
}
