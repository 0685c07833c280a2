using Coco.ControlPlane.Api;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Accounts;

/// <summary>
/// Makes accounts: asked for with an address and a password, made when the code from the mail and the same password come back. So nobody can put
/// a password of his own on the account of a person who merely follows a link, and what is never confirmed is no account.
/// </summary>
internal sealed class Registration(Database database, PasswordHasher passwords, MailCodes codes, MailOutbox mails, SignIn signIn, PublicAddress address, TimeProvider time, ILogger<Registration> logger)
{
    /// <summary>Sends the mail. What is answered and what is done is the same whether the address has an account.</summary>
    /// <exception cref="ApiException">The address or the password is none that is taken.</exception>
    public async Task AskAsync(string email, string password, CancellationToken cancellationToken)
    {
        if (!EmailAddress.TryParse(email, out var to)) { throw new ApiException(ProblemCode.Invalid, "This is no address of mail that can be used here."); }
        PasswordRules.Check(password, to);
        var hash = await passwords.HashAsync(password, cancellationToken);
        await mails.WriteAsync(
            async session =>
            {
                var isKnown = await AccountStore.FindByEmailAsync(session, to) is not null;
                var code = await codes.TryIssueAsync(session, isKnown ? MailPurpose.Notice : MailPurpose.Register, to, password: isKnown ? null : hash);
                if (code is not null) { await mails.AskAsync(session, to, isKnown ? Known(to) : Confirm(to, code), MailCodes.Lifetime); }
            },
            cancellationToken);
    }

    /// <summary>Makes the account and signs in.</summary>
    /// <returns>The session; null where the password is not the one that was chosen.</returns>
    /// <exception cref="ApiException">The code was used, or is too old.</exception>
    public async Task<SignedIn?> ConfirmAsync(string code, string password, CancellationToken cancellationToken)
    {
        var asked = await database.ReadAsync(session => codes.FindAsync(session, MailPurpose.Register, code), cancellationToken);
        var isRight = await passwords.VerifyAsync(password, asked?.Password, cancellationToken);
        if (asked is null) { throw MailCodes.Over; }
        return isRight ? await database.WriteAsync(session => MakeAsync(session, code), cancellationToken) : null;
    }

    private async Task<SignedIn> MakeAsync(Session session, string code)
    {
        var asked = await codes.TakeAsync(session, MailPurpose.Register, code);
        if (!EmailAddress.TryParse(asked.Email, out var email) || await AccountStore.FindByEmailAsync(session, email) is not null) { throw MailCodes.Over; }
        var account = new Account(Identifiers.New("acc"), asked.Email, asked.Password, null, time.GetUtcNow(), 1);
        await AccountStore.AddAsync(session, account);
        await session.ExecuteAsync($"DELETE FROM mail_codes WHERE email = {asked.Email} AND purpose = {nameof(MailPurpose.Register)}");
        AccountLog.Changed(logger, account.Id, "registered");
        return await signIn.BeginAsync(session, account);
    }

    private Mail Confirm(EmailAddress to, string code) => new(to, "Confirm your address", $"""
        Somebody, you we hope, registers at {address.Url} with this address.

        To confirm it, open this link within an hour and give the password that you chose:

        {address.Url}/confirm?code={code}

        If it was not you, do nothing.
        """);

    private Mail Known(EmailAddress to) => new(to, "You have an account already", $"""
        Somebody, you perhaps, wanted to register at {address.Url} with this address, which has an account already.

        Sign in at {address.Url}/sign-in, or set a new password at {address.Url}/reset.

        If it was not you, do nothing.
        """);
}
