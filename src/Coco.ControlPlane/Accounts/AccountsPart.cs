using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;
using Table = Coco.ControlPlane.Api.Operations;

namespace Coco.ControlPlane.Accounts;

/// <summary>People.</summary>
internal static class AccountsPart
{
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<Attempts>();
        services.AddSingleton<MailCodes>();
        services.AddSingleton<SignIn>();
        services.AddSingleton<Registration>();
        services.AddSingleton<PasswordReset>();
        services.AddSingleton<AccountChanges>();
    }

    public static void Map(ApiRoutes routes)
    {
        routes.MapEmpty(Table.Register, 202, static async (Credentials asked, Registration registration, CancellationToken cancellationToken) =>
        {
            await registration.AskAsync(asked.Email, asked.Password, cancellationToken);
            return new Answer(202, null);
        });
        routes.Map<SessionToken>(Table.ConfirmAccount, 201, static async (AccountConfirmation asked, Registration registration, CancellationToken cancellationToken) =>
            Began(await registration.ConfirmAsync(asked.Code, asked.Password, cancellationToken)));
        routes.MapEmpty(Table.AskForReset, 202, static async (ResetRequest asked, PasswordReset reset, CancellationToken cancellationToken) =>
        {
            await reset.AskAsync(asked.Email, cancellationToken);
            return new Answer(202, null);
        });
        routes.MapEmpty(Table.CompleteReset, 204, static async (AccountConfirmation asked, PasswordReset reset, CancellationToken cancellationToken) =>
        {
            await reset.CompleteAsync(asked.Code, asked.Password, cancellationToken);
            return Answer.NoContent;
        });
        routes.MapEmpty(Table.ConfirmEmail, 204, static async (EmailConfirmation asked, AccountChanges changes, CancellationToken cancellationToken) =>
        {
            await changes.ConfirmEmailAsync(asked.Code, cancellationToken);
            return Answer.NoContent;
        });
        MapSessions(routes);
        MapMe(routes);
    }

    /// <summary>What a sign-in answers.</summary>
    public static Answer Began(SignedIn? signedIn) => signedIn is { } began
        ? Answer.Created("/v1/sessions/" + began.Token.Id, new SessionToken(began.Token.Id, began.Text, began.Account.Id, began.Token.Expires))
        : throw new ApiException(ProblemCode.Unauthenticated, SignIn.Refusal);

    private static void MapSessions(ApiRoutes routes)
    {
        routes.Map<SessionToken>(Table.CreateSession, 201, static async (Credentials asked, SignIn signIn, CancellationToken cancellationToken) =>
            Began(await signIn.WithPasswordAsync(asked.Email, asked.Password, cancellationToken)));
        routes.Map<Page<SessionView>>(Table.ListSessions, 200, static async (Caller caller, Cursor cursor, Database database, TimeProvider time, CancellationToken cancellationToken) =>
        {
            var rows = await database.ReadAsync(
                session => session.QueryAsync(
                    $"""
                    SELECT id, created, expires FROM tokens
                    WHERE account_id = {caller.AccountId} AND kind = {nameof(TokenKind.Session)} AND revoked IS NULL AND expires > {time.GetUtcNow()} AND id > {cursor.After}
                    ORDER BY id LIMIT {cursor.Limit + 1}
                    """,
                    row => new SessionView(row.Text("id"), row.Time("created"), row.Time("expires"), row.Text("id") == caller.TokenId)),
                cancellationToken);
            return Answer.Ok(cursor.Page(rows, row => row.Id, row => row));
        });
        routes.MapEmpty(Table.DeleteSession, 204, static async (string session, Caller caller, Database database, TokenStore tokens, CancellationToken cancellationToken) =>
        {
            var id = session == "current" ? caller.TokenId! : session;
            await database.WriteAsync(
                async work =>
                {
                    if (!await work.AnyAsync($"SELECT 1 FROM tokens WHERE id = {id} AND account_id = {caller.AccountId} AND kind = {nameof(TokenKind.Session)}"))
                    {
                        throw ApiException.NotFound("session");
                    }
                    await tokens.RevokeAsync(work, id);
                },
                cancellationToken);
            return Answer.NoContent;
        });
    }

    private static void MapMe(ApiRoutes routes)
    {
        routes.Map<AccountView>(Table.GetMe, 200, static async (Caller caller, Database database, Subjects subjects, CancellationToken cancellationToken) =>
        {
            var account = await database.ReadAsync(session => AccountStore.FindAsync(session, caller.AccountId!), cancellationToken) ?? throw ApiException.NotFound("account");
            // An app knows people by a name of its own, and a time to the millisecond would be as good as one.
            var (id, created) = caller.IsForSomebody ? (subjects.Of(account.Id, caller.AppId!), new(account.Created.UtcDateTime.Date, TimeSpan.Zero)) : (account.Id, account.Created);
            return Answer.Ok(new AccountView(id, created, caller.Has("email") ? account.Email : null), account.Version);
        });
        routes.MapEmpty(Table.ChangePassword, 204, static async (PasswordChange asked, Caller caller, AccountChanges changes, CancellationToken cancellationToken) =>
        {
            await changes.ChangePasswordAsync(caller, asked.Current, asked.Wanted, cancellationToken);
            return Answer.NoContent;
        });
        routes.MapEmpty(Table.AskForEmail, 202, static async (Credentials asked, Caller caller, AccountChanges changes, CancellationToken cancellationToken) =>
        {
            await changes.AskForEmailAsync(caller, asked.Password, asked.Email, cancellationToken);
            return new Answer(202, null);
        });
        routes.MapEmpty(Table.DeleteMe, 204, static async (AccountDeletion asked, Caller caller, AccountChanges changes, CancellationToken cancellationToken) =>
        {
            await changes.DeleteAsync(caller, asked.Password, cancellationToken);
            return Answer.NoContent;
        });
    }
}
