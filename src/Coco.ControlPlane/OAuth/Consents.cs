using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Storage;

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

    private static async Task<string[]> FindAsync(Session session, string account, string app) =>
        (await session.FirstAsync($"SELECT scopes FROM consents WHERE account_id = {account} AND app_id = {app}", row => row.Text("scopes")) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
