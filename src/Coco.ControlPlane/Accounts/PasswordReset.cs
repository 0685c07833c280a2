using Coco.ControlPlane.Api;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Accounts;

/// <summary>A new password for who can read the account's mail.</summary>
internal sealed class PasswordReset(
    Database database, PasswordHasher passwords, MailCodes codes, MailOutbox mails, Attempts attempts, TokenStore tokens, PublicAddress address, ILogger<PasswordReset> logger)
{
    /// <summary>Sends the mail, where there is such an account.</summary>
    public async Task AskAsync(string email, CancellationToken cancellationToken)
    {
        if (!EmailAddress.TryParse(email, out var to)) { return; }
        await mails.WriteAsync(
            async session =>
            {
                var account = await AccountStore.FindByEmailAsync(session, to);
                // Rows for an address without an account, too: as much work, and as many attempts.
                var code = await codes.TryIssueAsync(session, account is null ? MailPurpose.Notice : MailPurpose.Reset, to, account?.Id);
                if (code is not null) { await mails.AskAsync(session, to, account is null ? null : Reset(to, code), MailCodes.Lifetime); }
            },
            cancellationToken);
    }

    /// <summary>Sets the password. All sessions end, and all apps lose their access.</summary>
    /// <exception cref="ApiException">The code was used or is too old, or the password is none that is taken.</exception>
    public async Task CompleteAsync(string code, string password, CancellationToken cancellationToken)
    {
        PasswordRules.Check(password, address: null);
        if (await database.ReadAsync(session => codes.FindAsync(session, MailPurpose.Reset, code), cancellationToken) is null) { throw MailCodes.Over; }
        var hash = await passwords.HashAsync(password, cancellationToken);
        await mails.WriteAsync(
            async session =>
            {
                var taken = await codes.TakeAsync(session, MailPurpose.Reset, code);
                var account = await AccountStore.FindAsync(session, taken.AccountId!) ?? throw MailCodes.Over;
                if (!EmailAddress.TryParse(account.Email, out var email) || account.Email != taken.Email) { throw MailCodes.Over; }
                await AccountStore.SetPasswordAsync(session, account.Id, hash);
                await tokens.RevokeAllAsync(session, account.Id);
                await session.ExecuteAsync($"DELETE FROM mail_codes WHERE account_id = {account.Id}");
                await attempts.ForgetAsync(session, email);
                await mails.TellAsync(session, AccountChanges.PasswordChanged(email, address));
                AccountLog.Changed(logger, account.Id, "set a new password by mail");
            },
            cancellationToken);
    }

    private Mail Reset(EmailAddress to, string code) => new(to, "Set a new password", $"""
        Somebody, you we hope, asks for a new password at {address.Url}.

        To set it, open this link within an hour:

        {address.Url}/reset/complete?code={code}

        If it was not you, do nothing: your password stays as it is.
        """);
}
