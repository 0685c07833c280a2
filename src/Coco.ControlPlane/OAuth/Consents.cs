using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.OAuth;

/// <summary>What people let apps do.</summary>
internal static class Consents
{
    /// <summary>Whether a person has to be asked.</summary>
    public static async Task<bool> IsNeededAsync(Session session, string account, AuthorizationRequest request)
    {
        // RFC 8252 §8.6: any program can claim a scheme or a port of this machine, so what was once agreed does not hold for it.
        if (request.Prompt.Contains("consent", StringComparer.Ordinal) || RedirectUris.ProvesNothing(request.RedirectUri)) { return true; }
        var given = await FindAsync(session, account, request.AppId);
        return !request.Scopes.All(given.Contains);
    }

    /// <summary>Remembers what was agreed, with what was before.</summary>
    public static async Task AddAsync(Session session, string account, AuthorizationRequest request, DateTimeOffset now)
    {
        var scopes = string.Join(' ', (await FindAsync(session, account, request.AppId)).Union(request.Scopes, StringComparer.Ordinal).Order(StringComparer.Ordinal));
        await session.ExecuteAsync(
            $"INSERT INTO consents (account_id, app_id, scopes, given) VALUES ({account}, {request.AppId}, {scopes}, {now}) ON CONFLICT (account_id, app_id) DO UPDATE SET scopes = {scopes}, given = {now}");
    }

    /// <summary>Lists what a person lets apps do, in the order of their ids.</summary>
    public static Task<List<ConsentView>> ListAsync(Session session, string account, string after, long limit) => session.QueryAsync(
        $"SELECT c.app_id, a.name, c.scopes, c.given FROM consents c JOIN apps a ON a.id = c.app_id WHERE c.account_id = {account} AND c.app_id > {after} ORDER BY c.app_id LIMIT {limit}",
        row => new ConsentView(row.Text("app_id"), row.Text("name"), ScopesOf(row), row.Time("given")));

    /// <summary>Forgets what was agreed, and codes that the app has not shown yet, and ends all tokens that it has for the person.</summary>
    /// <returns>False where nothing was agreed.</returns>
    public static async Task<bool> TryTakeBackAsync(Session session, TokenStore tokens, string account, string app)
    {
        if (await session.ExecuteAsync($"DELETE FROM consents WHERE account_id = {account} AND app_id = {app}") == 0) { return false; }
        await session.ExecuteAsync($"DELETE FROM authorization_codes WHERE account_id = {account} AND app_id = {app}");
        await tokens.RevokeAllForAsync(session, account, app);
        return true;
    }

    private static async Task<string[]> FindAsync(Session session, string account, string app) =>
        await session.FirstAsync($"SELECT scopes FROM consents WHERE account_id = {account} AND app_id = {app}", ScopesOf) ?? [];

    private static string[] ScopesOf(Row row) => row.Text("scopes").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
