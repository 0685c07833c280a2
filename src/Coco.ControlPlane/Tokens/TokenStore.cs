using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Tokens;

/// <summary>
/// Makes, knows and takes back bearer tokens. A token is 32 random bytes behind a prefix that scanners of leaked secrets recognise; stored is its
/// SHA-256, which needs no salt, as nobody tries 2^256 of them. Taking one back holds at once, at every instance.
/// </summary>
internal sealed class TokenStore(Database database, TimeProvider time) : ITokenReader
{
    private const int SecretSize = 32;

    /// <summary>Makes a token, in the caller's transaction.</summary>
    /// <returns>What is stored, and the text that is shown once.</returns>
    public static async Task<(Token Token, string Text)> IssueAsync(Session session, Token token)
    {
        var text = PrefixOf(token.Kind) + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretSize));
        await session.ExecuteAsync(
            $"""
            INSERT INTO tokens (id, hash, kind, account_id, app_id, external_user, scopes, family, signed_in, created, expires)
            VALUES ({token.Id}, {HashOf(text)}, {token.Kind.ToString()}, {token.AccountId}, {token.AppId}, {token.ExternalUser}, {string.Join(' ', token.Scopes.Order(StringComparer.Ordinal))},
                    {token.Family}, {token.SignedIn}, {token.Created}, {token.Expires})
            """);
        return (token, text);
    }

    /// <summary>Finds a token by its text, whether it holds or not; null for one that was never made, or is long forgotten.</summary>
    public static Task<Token?> FindAsync(Session session, string text) => session.FirstAsync($"SELECT * FROM tokens WHERE hash = {HashOf(text)}", Read)!;

    public Task<int> RevokeAsync(Session session, string id) =>
        session.ExecuteAsync($"UPDATE tokens SET revoked = {time.GetUtcNow()} WHERE id = {id} AND revoked IS NULL");

    /// <summary>Takes back all tokens that go back to one sign-in.</summary>
    public Task<int> RevokeFamilyAsync(Session session, string family) =>
        session.ExecuteAsync($"UPDATE tokens SET revoked = {time.GetUtcNow()} WHERE family = {family} AND revoked IS NULL");

    /// <summary>Takes back all that lets anybody act for a person, but for one token.</summary>
    public Task<int> RevokeAllAsync(Session session, string account, string? except = null) =>
        session.ExecuteAsync($"UPDATE tokens SET revoked = {time.GetUtcNow()} WHERE account_id = {account} AND id <> {except ?? ""} AND revoked IS NULL");

    /// <summary>Takes back all by which an app acts for a person.</summary>
    public Task<int> RevokeAllForAsync(Session session, string account, string app) =>
        session.ExecuteAsync($"UPDATE tokens SET revoked = {time.GetUtcNow()} WHERE account_id = {account} AND app_id = {app} AND revoked IS NULL");

    /// <summary>Takes back all that apps of a person have, for whomever.</summary>
    public Task<int> RevokeAllOfAppsAsync(Session session, string owner) =>
        session.ExecuteAsync($"UPDATE tokens SET revoked = {time.GetUtcNow()} WHERE app_id IN (SELECT id FROM apps WHERE owner_account = {owner}) AND revoked IS NULL");

    /// <summary>Tokens of operators that hold, the oldest first.</summary>
    public Task<List<Token>> ListOperatorsAsync(Session session) => session.QueryAsync(
        $"SELECT * FROM tokens WHERE kind = {nameof(TokenKind.Operator)} AND revoked IS NULL AND expires > {time.GetUtcNow()} ORDER BY created, id", Read);

    public async Task<Caller?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length is 0 or > 128) { return null; }
        var (found, app) = await database.ReadAsync(
            session => session.FirstAsync(
                $"SELECT t.*, a.kind AS app_kind FROM tokens t LEFT JOIN apps a ON a.id = t.app_id WHERE t.hash = {HashOf(token)}", static row => (Read(row), row.TextOrNull("app_kind"))),
            cancellationToken);
        return found is not null && found.Holds(time.GetUtcNow()) ? CallerOf(found, Enum.TryParse<AppKind>(app, ignoreCase: true, out var kind) && App.IsConfidentialKind(kind)) : null;
    }

    private static Caller? CallerOf(Token token, bool isOfService)
    {
        CallerKind? kind = token.Kind switch
        {
            TokenKind.Session => CallerKind.Account,
            // What keeps a secret runs at its maker's, where many people's networks come together.
            TokenKind.Access when token.AccountId is not null && isOfService => CallerKind.Cloud,
            TokenKind.Access when token.AccountId is not null => CallerKind.Delegated,
            TokenKind.Access => CallerKind.App,
            TokenKind.ExternalUser => CallerKind.ExternalUser,
            TokenKind.Operator => CallerKind.Operator,
            _ => null,
        };
        return kind is { } known
            ? new(known) { AccountId = token.AccountId, AppId = token.AppId, ExternalUserId = token.ExternalUser, Scopes = token.Scopes, TokenId = token.Id }
            : null;
    }

    private static string PrefixOf(TokenKind kind) => kind switch
    {
        TokenKind.Session => "coco_st_",
        TokenKind.Access => "coco_at_",
        TokenKind.Refresh => "coco_rt_",
        TokenKind.ExternalUser => "coco_xt_",
        _ => "coco_ot_",
    };

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static Token Read(Row row) => new(
        row.Text("id"), Enum.Parse<TokenKind>(row.Text("kind")), row.TextOrNull("account_id"), row.TextOrNull("app_id"), row.TextOrNull("external_user"),
        [.. row.Text("scopes").Split(' ', StringSplitOptions.RemoveEmptyEntries)], row.Time("created"), row.Time("expires"))
    {
        Family = row.TextOrNull("family"),
        SignedIn = row.TimeOrNull("signed_in"),
        Revoked = row.TimeOrNull("revoked"),
    };
}
