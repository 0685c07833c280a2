using System.Collections.Immutable;
using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.OAuth;

/// <summary>
/// Makes tokens for what an app shows. All tokens that go back to one agreement are a family: a code or a refresh token that comes a second time was
/// stolen from somebody, nobody knows from whom, and so the family ends (RFC 6749 §4.1.2, RFC 9700 §4.14).
/// </summary>
internal sealed class Grants(Database database, Codes codes, TokenStore tokens, TimeProvider time, ILogger<Grants> logger)
{
    public static readonly TimeSpan AccessLifetime = TimeSpan.FromHours(1);

    // A refresh token that is not used for a month is forgotten; after half a year the person is asked again.
    private static readonly TimeSpan RefreshLifetime = TimeSpan.FromDays(30);
    private static readonly TimeSpan FamilyLifetime = TimeSpan.FromDays(180);

    public Task<Grant> ForCodeAsync(App app, string code, string redirectUri, string verifier, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            if (await Codes.FindAsync(session, code) is not { } found || found.AppId != app.Id) { return Grant.Refused("The code is unknown, or of another app."); }
            if (found.Used is not null)
            {
                await tokens.RevokeFamilyAsync(session, found.Family);
                OAuthLog.Replayed(logger, app.Id, "a code");
                return Grant.Refused("The code was used.");
            }
            await codes.UseAsync(session, code);
            if (Lifespan.IsOver(found.Expires, Codes.Lifetime, time.GetUtcNow())) { return Grant.Refused("The code has expired."); }
            if (!string.Equals(found.RedirectUri, redirectUri, StringComparison.Ordinal)) { return Grant.Refused("redirect_uri is not the one of the request."); }
            if (!Codes.IsVerifier(verifier, found.CodeChallenge)) { return Grant.Refused("code_verifier is not the one of the request."); }
            return await IssueAsync(session, app, new(found.AccountId, found.Family, found.SignedIn), found.Scopes, found.Scopes, found.Nonce);
        },
        cancellationToken);

    public Task<Grant> ForRefreshAsync(App app, string refreshToken, string? scope, CancellationToken cancellationToken) => database.WriteAsync(
        async session =>
        {
            var found = await TokenStore.FindAsync(session, refreshToken);
            if (found is not { Kind: TokenKind.Refresh, AccountId: { } account, Family: { } family } || found.AppId != app.Id) { return Grant.Refused("The token is unknown, or of another app."); }
            if (found.Revoked is not null)
            {
                await tokens.RevokeFamilyAsync(session, family);
                OAuthLog.Replayed(logger, app.Id, "a refresh token");
                return Grant.Refused("The token was used, or taken back.");
            }
            if (!found.Holds(time.GetUtcNow())) { return Grant.Refused("The token has expired."); }
            var wanted = scope?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [.. found.Scopes];
            if (!wanted.All(found.Scopes.Contains)) { return new("", []) { Refusal = new("invalid_scope", "scope is more than was agreed.") }; }
            await tokens.RevokeAsync(session, found.Id);
            return await IssueAsync(session, app, new(account, family, found.SignedIn ?? found.Created), [.. wanted], [.. found.Scopes], nonce: null);
        },
        cancellationToken);

    public Task<Grant> ForAppAsync(App app, string? scope, CancellationToken cancellationToken)
    {
        if (app.Kind is not AppKind.Service) { throw new OAuthException("unauthorized_client", "Only service apps act for themselves."); }
        var own = app.Scopes.Where(name => Scopes.Find(name) is { IsOfPeople: false } && Scopes.MayHave(app.Kind, name)).ToImmutableArray();
        var wanted = scope?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToImmutableArray() ?? own;
        if (wanted.IsEmpty || !wanted.All(own.Contains)) { throw new OAuthException("invalid_scope", "scope names something that the app is not registered with, that is about people, or nothing."); }
        return database.WriteAsync(
            async session =>
            {
                if (await AppStore.FindOpenAsync(session, app.Id) is null) { return Gone; }
                var now = time.GetUtcNow();
                var (_, text) = await TokenStore.IssueAsync(session, new(Identifiers.New("tok"), TokenKind.Access, null, app.Id, null, [.. wanted], now, now + AccessLifetime));
                return new Grant(text, wanted);
            },
            cancellationToken);
    }

    private async Task<Grant> IssueAsync(Session session, App app, Agreement agreement, ImmutableArray<string> scopes, ImmutableArray<string> agreed, string? nonce)
    {
        if (await AccountStore.FindAsync(session, agreement.Account) is not { Locked: null } account) { return Grant.Refused("The account is gone, or locked."); }
        if (await AppStore.FindOpenAsync(session, app.Id) is null) { return Gone; }
        // What the app may have today: it may have lost some since.
        bool IsAllowed(string scope) => app.Scopes.Contains(scope) && Scopes.MayAskPeople(app.Kind, scope);
        var (now, end) = (time.GetUtcNow(), agreement.SignedIn + FamilyLifetime);
        ImmutableArray<string> given = [.. scopes.Where(IsAllowed)];
        if (given.IsEmpty || now >= end) { return Grant.Refused("There is nothing left of what was agreed."); }
        async Task<string> MakeAsync(TokenKind kind, ImmutableArray<string> names, DateTimeOffset expires) => (await TokenStore.IssueAsync(
            session, new(Identifiers.New("tok"), kind, account.Id, app.Id, null, [.. names], now, expires < end ? expires : end) { Family = agreement.Family, SignedIn = agreement.SignedIn })).Text;
        // A linked cloud acts while nobody is there, that is what it is for; others ask for it.
        var mayRefresh = app.Kind is AppKind.CloudToCloud || (agreed.Contains(Scopes.OfflineAccess) && IsAllowed(Scopes.OfflineAccess));
        return new(await MakeAsync(TokenKind.Access, given, now + AccessLifetime), given)
        {
            RefreshToken = mayRefresh ? await MakeAsync(TokenKind.Refresh, agreed, now + RefreshLifetime) : null,
            Account = account,
            Nonce = nonce,
            SignedIn = agreement.SignedIn,
        };
    }

    // In the transaction that makes the token: a lock that comes at the same time finds it, or is found.
    private static Grant Gone => Grant.Refused("The app is gone, or its owner is locked.");

    private readonly record struct Agreement(string Account, string Family, DateTimeOffset SignedIn);
}
