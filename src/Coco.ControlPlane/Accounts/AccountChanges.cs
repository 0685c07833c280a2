using Coco.ControlPlane.Api;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Accounts;

/// <summary>What people change of their own accounts, each time with their password: a session that somebody found open is not enough.</summary>
internal sealed class AccountChanges(
    Database database, PasswordHasher passwords, SignIn signIn, MailCodes codes, MailOutbox mails, TokenStore tokens, PublicAddress address, ILogger<AccountChanges> logger)
{
    /// <summary>Sets another password. All other sessions end, and all apps lose their access.</summary>
    public async Task ChangePasswordAsync(Caller caller, string current, string wanted, CancellationToken cancellationToken)
    {
        var (account, email) = await CheckAsync(caller, current, cancellationToken);
        PasswordRules.Check(wanted, email);
        var hash = await passwords.HashAsync(wanted, cancellationToken);
        await mails.WriteAsync(
            async session =>
            {
                await AccountStore.SetPasswordAsync(session, account.Id, hash);
                await tokens.RevokeAllAsync(session, account.Id, except: caller.TokenId);
                await session.ExecuteAsync($"DELETE FROM mail_codes WHERE account_id = {account.Id}");
                await mails.TellAsync(session, PasswordChanged(email, address));
            },
            cancellationToken);
        AccountLog.Changed(logger, account.Id, "changed the password");
    }

    /// <summary>Sends a mail to the new address, which is the account's once its link was followed.</summary>
    public async Task AskForEmailAsync(Caller caller, string password, string wanted, CancellationToken cancellationToken)
    {
        if (!EmailAddress.TryParse(wanted, out var to)) { throw new ApiException(ProblemCode.Invalid, "This is no address of mail that can be used here."); }
        var (account, _) = await CheckAsync(caller, password, cancellationToken);
        await mails.WriteAsync(
            async session =>
            {
                var isKnown = await AccountStore.FindByEmailAsync(session, to) is not null;
                var code = await codes.TryIssueAsync(session, isKnown ? MailPurpose.Notice : MailPurpose.Email, to, account.Id);
                if (code is not null) { await mails.AskAsync(session, to, isKnown ? InUse(to) : NewAddress(to, code), MailCodes.Lifetime); }
            },
            cancellationToken);
    }

    /// <summary>Makes the address to which the code went the account's.</summary>
    /// <exception cref="ApiException">The code was used, or is too old, or the address has an account by now.</exception>
    public async Task ConfirmEmailAsync(string code, CancellationToken cancellationToken)
    {
        var account = await mails.WriteAsync(
            async session =>
            {
                var taken = await codes.TakeAsync(session, MailPurpose.Email, code);
                var before = await AccountStore.FindAsync(session, taken.AccountId!);
                if (before is null || !EmailAddress.TryParse(taken.Email, out var to) || !EmailAddress.TryParse(before.Email, out var old)) { throw MailCodes.Over; }
                if (await AccountStore.FindByEmailAsync(session, to) is not null) { throw MailCodes.Over; }
                await AccountStore.SetEmailAsync(session, before.Id, to);
                await session.ExecuteAsync($"DELETE FROM mail_codes WHERE account_id = {before.Id}");
                await mails.TellAsync(session, new(old, "Your address was changed", $"Your account at {address.Url} has another address of mail now. If it was not you, tell who runs it."));
                return before;
            },
            cancellationToken);
        AccountLog.Changed(logger, account.Id, "changed the address");
    }

    /// <summary>Forgets the person.</summary>
    /// <exception cref="ApiException">Networks would be left without an owner.</exception>
    public async Task DeleteAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        var (account, _) = await CheckAsync(caller, password, cancellationToken);
        await database.WriteAsync(
            async session =>
            {
                if (await AccountStore.OwnsNetworksAsync(session, account.Id))
                {
                    throw new ApiException(ProblemCode.Conflict, "You, or apps of yours, own networks. Hand them over or delete them first.");
                }
                await AccountStore.DeleteAsync(session, account.Id);
            },
            cancellationToken);
        AccountLog.Changed(logger, account.Id, "was deleted");
    }

    public static Mail PasswordChanged(EmailAddress to, PublicAddress address) => new(to, "Your password was changed", $"""
        The password of your account at {address.Url} was changed, and other sessions ended.

        If it was not you, set a new one at {address.Url}/reset.
        """);

    private async Task<(Account Account, EmailAddress Email)> CheckAsync(Caller caller, string password, CancellationToken cancellationToken)
    {
        var account = await database.ReadAsync(session => AccountStore.FindAsync(session, caller.AccountId!), cancellationToken) ?? throw ApiException.NotFound("account");
        return await signIn.CheckAsync(account.Email, password, cancellationToken) is { } found && EmailAddress.TryParse(found.Email, out var email)
            ? (found, email)
            : throw new ApiException(ProblemCode.Forbidden, SignIn.Refusal);
    }

    private Mail NewAddress(EmailAddress to, string code) => new(to, "Confirm your new address", $"""
        To make this the address of your account at {address.Url}, open this link within an hour:

        {address.Url}/confirm-email?code={code}

        If it was not you, do nothing.
        """);

    private Mail InUse(EmailAddress to) => new(to, "Your address is in use already", $"""
        Somebody, you perhaps, wanted to make this the address of another account at {address.Url}. It has an account already, and nothing was changed.
        """);
}
