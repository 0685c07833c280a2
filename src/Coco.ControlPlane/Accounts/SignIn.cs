using Coco.ControlPlane.Api;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Accounts;

/// <summary>
/// Signs people in. Each attempt with a password takes one computation and one write, and fails with the same words, whether there is such an
/// account, whether it is locked, and whether too many were wrong before.
/// </summary>
internal sealed class SignIn(Database database, PasswordHasher passwords, Attempts attempts, TokenStore tokens, TimeProvider time, ILogger<SignIn> logger)
{
    public const string Refusal = "The address and the password do not go together, or too many attempts were wrong. Wait a while, or set a new password by mail.";

    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    // More than devices of a person; the oldest end then.
    private const int MaxSessions = 50;

    /// <returns>The new session; null where it is refused.</returns>
    public async Task<SignedIn?> WithPasswordAsync(string email, string password, CancellationToken cancellationToken)
    {
        var account = await CheckAsync(email, password, cancellationToken);
        return account is null ? null : await database.WriteAsync(session => BeginAsync(session, account), cancellationToken);
    }

    /// <summary>Checks a password with all that slows guesses down.</summary>
    /// <returns>Whose it is; null where it is refused.</returns>
    public async Task<Account?> CheckAsync(string email, string password, CancellationToken cancellationToken)
    {
        var isAddress = EmailAddress.TryParse(email, out var address);
        var (mayTry, account) = isAddress
            ? await database.WriteAsync(async session => (await attempts.TryBeginAsync(session, address), await AccountStore.FindByEmailAsync(session, address)), cancellationToken)
            : default;
        var isRight = await passwords.VerifyAsync(password, account?.Password, cancellationToken);
        if (!mayTry || account is not { Locked: null } || !isRight)
        {
            AccountLog.Refused(logger, account?.Id ?? "nobody", mayTry);
            return null;
        }
        await database.WriteAsync(session => attempts.ForgetAsync(session, address), cancellationToken);
        return account;
    }

    /// <summary>Begins a session, in the caller's transaction.</summary>
    public async Task<SignedIn> BeginAsync(Session session, Account account)
    {
        var now = time.GetUtcNow();
        foreach (var old in await session.QueryAsync(
            $"SELECT id FROM tokens WHERE account_id = {account.Id} AND kind = {nameof(TokenKind.Session)} AND revoked IS NULL AND expires > {now} ORDER BY created DESC, id LIMIT 1000 OFFSET {MaxSessions - 1}", row => row.Text("id")))
        {
            await tokens.RevokeAsync(session, old);
        }
        var (token, text) = await TokenStore.IssueAsync(session, new(Identifiers.New("ses"), TokenKind.Session, account.Id, null, null, [], now, now + Lifetime) { SignedIn = now });
        AccountLog.SignedIn(logger, account.Id);
        return new(account, token, text);
    }
}
