using System.Buffers.Text;
using System.Text;
using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Passkeys;

/// <summary>Passkeys of accounts: adding them, which takes the password, and signing in with them.</summary>
internal sealed class PasskeyService(Database database, SignIn signIn, Challenges challenges, MailOutbox mails, PublicAddress address, TimeProvider time, ILogger<PasskeyService> logger)
{
    private const int MaxPasskeys = 20;
    private const int MaxName = 64;
    private const int MaxText = 16 << 10;

    private const string Refusal = "The passkey is not known here, or the answer was not right. Ask for a new challenge and try again.";

    private RelyingParty Here => new(address.Host, address.Url);

    public async Task<Answer> BeginAddingAsync(Caller caller, PasskeyPreparation asked, CancellationToken cancellationToken)
    {
        var account = await database.ReadAsync(session => AccountStore.FindAsync(session, caller.AccountId!), cancellationToken) ?? throw ApiException.NotFound("account");
        if (await signIn.CheckAsync(account.Email, asked.Password, cancellationToken) is null) { throw new ApiException(ProblemCode.Forbidden, SignIn.Refusal); }
        var known = await database.ReadAsync(session => session.QueryAsync($"SELECT credential FROM passkeys WHERE account_id = {account.Id} ORDER BY id", row => Base64Url.EncodeToString(row.Bytes("credential"))), cancellationToken);
        return Answer.Ok(new PasskeyCreation(
            Base64Url.EncodeToString(challenges.Make(account.Id)), address.Host, Base64Url.EncodeToString(Encoding.ASCII.GetBytes(account.Id)), account.Email, [CoseKey.EdDSA, CoseKey.ES256], known));
    }

    public async Task<Answer> AddAsync(Caller caller, PasskeyRegistration asked, CancellationToken cancellationToken)
    {
        if (asked.Name.Length is 0 or > MaxName || asked.Name.Any(char.IsControl)) { throw new ApiException(ProblemCode.Invalid, $"name has 1 to {MaxName} visible characters."); }
        var clientData = Decode(asked.ClientDataJson);
        var challenge = ChallengeOf(clientData, caller.AccountId!);
        if (Here.CheckRegistration(clientData, Decode(asked.AttestationObject), challenge, out var made) is { } wrong) { throw Refused(ProblemCode.Invalid, wrong); }
        var (id, now) = (Identifiers.New("pky"), time.GetUtcNow());
        await mails.WriteAsync(
            async session =>
            {
                if (!await challenges.TryUseAsync(session, challenge)) { throw Refused(ProblemCode.Invalid, "challenge used"); }
                if (await session.AnyAsync($"SELECT 1 FROM passkeys WHERE credential = {made!.CredentialId}")) { throw new ApiException(ProblemCode.Conflict, "This passkey is in use already."); }
                if (await session.NumberAsync($"SELECT COUNT(*) FROM passkeys WHERE account_id = {caller.AccountId}") >= MaxPasskeys) { throw new ApiException(ProblemCode.Conflict, $"There are {MaxPasskeys} passkeys already. Delete one first."); }
                await session.ExecuteAsync(
                    $"""
                    INSERT INTO passkeys (id, credential, account_id, name, algorithm, public_key, sign_count, created)
                    VALUES ({id}, {made!.CredentialId}, {caller.AccountId}, {asked.Name}, {made.Key!.Algorithm}, {made.Key.Bytes}, {made.SignCount}, {now})
                    """);
                if (await AccountStore.FindAsync(session, caller.AccountId!) is { } account && EmailAddress.TryParse(account.Email, out var to)) { await mails.TellAsync(session, Added(to)); }
            },
            cancellationToken);
        AccountLog.Changed(logger, caller.AccountId!, "added a passkey");
        return Answer.Created("/v1/me/passkeys/" + id, new PasskeyView(id, asked.Name, now));
    }

    /// <summary>All passkeys of an account, which are few.</summary>
    public Task<List<PasskeyView>> ListAsync(string account, CancellationToken cancellationToken) => database.ReadAsync(
        session => session.QueryAsync(
            $"SELECT id, name, created, used FROM passkeys WHERE account_id = {account} ORDER BY created, id", row => new PasskeyView(row.Text("id"), row.Text("name"), row.Time("created"), row.TimeOrNull("used"))),
        cancellationToken);

    public async Task RemoveAsync(Caller caller, string passkey, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            async session =>
            {
                if (await session.ExecuteAsync($"DELETE FROM passkeys WHERE id = {passkey} AND account_id = {caller.AccountId}") != 1) { throw ApiException.NotFound("passkey"); }
            },
            cancellationToken);
        AccountLog.Changed(logger, caller.AccountId!, "removed a passkey");
    }

    /// <summary>What an authenticator needs for a sign-in. It names no account: the authenticator knows which passkeys it has for this host.</summary>
    public PasskeyChallenge BeginSignIn() => new(Base64Url.EncodeToString(challenges.Make("")), address.Host);

    public async Task<SignedIn> SignInAsync(PasskeyAssertion asked, CancellationToken cancellationToken)
    {
        var (clientData, credential) = (Decode(asked.ClientDataJson), Decode(asked.CredentialId));
        var challenge = ChallengeOf(clientData, "");
        var found = await database.ReadAsync(session => FindAsync(session, credential), cancellationToken) ?? throw Refused(ProblemCode.Unauthenticated, "unknown");
        if (asked.UserHandle is { } handle && !Decode(handle).AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(found.Account))) { throw Refused(ProblemCode.Unauthenticated, "user handle"); }
        if (Here.CheckAssertion(clientData, Decode(asked.AuthenticatorData), Decode(asked.Signature), found.Key, challenge, out var count) is { } wrong) { throw Refused(ProblemCode.Unauthenticated, wrong); }
        return await database.WriteAsync(
            async session =>
            {
                if (!await challenges.TryUseAsync(session, challenge)) { throw Refused(ProblemCode.Unauthenticated, "challenge used"); }
                // Read again: of two sign-ins at once, the second has to count on.
                var now = await FindAsync(session, credential) ?? throw Refused(ProblemCode.Unauthenticated, "unknown");
                if ((count != 0 || now.SignCount != 0) && count <= now.SignCount)
                {
                    AccountLog.PasskeyCopied(logger, now.Id, now.Account); // §6.1.1
                    throw Refused(ProblemCode.Unauthenticated, "sign count");
                }
                if (await AccountStore.FindAsync(session, now.Account) is not { Locked: null } account) { throw Refused(ProblemCode.Unauthenticated, "account"); }
                await session.ExecuteAsync($"UPDATE passkeys SET sign_count = {count}, used = {time.GetUtcNow()} WHERE id = {now.Id}");
                return await signIn.BeginAsync(session, account);
            },
            cancellationToken);
    }

    private static Task<Passkey?> FindAsync(Session session, byte[] credential) => session.FirstAsync(
        $"SELECT * FROM passkeys WHERE credential = {credential}",
        row => new Passkey(row.Text("id"), row.Text("account_id"), new((int)row.Long("algorithm"), row.Bytes("public_key")), row.Long("sign_count")));

    private byte[] ChallengeOf(byte[] clientData, string subject) => ClientData.TryRead(clientData, out var data) && challenges.IsOurs(data!.Challenge, subject)
        ? data.Challenge
        : throw Refused(subject.Length == 0 ? ProblemCode.Unauthenticated : ProblemCode.Invalid, "challenge");

    private Mail Added(EmailAddress to) => new(to, "A passkey was added", $"""
        Your account at {address.Url} can be signed in to with one more passkey.

        If it was not you, remove it at {address.Url}/account, and set a new password at {address.Url}/reset.
        """);

    private ApiException Refused(ProblemCode code, string reason)
    {
        AccountLog.PasskeyRefused(logger, reason);
        return new(code, Refusal);
    }

    private static byte[] Decode(string text) => text.Length <= MaxText && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : throw new ApiException(ProblemCode.Invalid, "Bytes are written as base64url, and are not this many.");

    private sealed record Passkey(string Id, string Account, CoseKey Key, long SignCount);
}
