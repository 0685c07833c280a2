using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.OAuth;

/// <summary>Who let the app in (OpenID Connect Core §5.3).</summary>
internal sealed class UserInfo(Database database, Subjects subjects, TimeProvider time)
{
    private const string Bearer = "Bearer ";
    private const int MaxToken = 128;

    public async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var header = context.Request.Headers.Authorization.ToString();
        var text = header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && header.Length <= Bearer.Length + MaxToken ? header[Bearer.Length..] : null;
        var token = text is null ? null : await database.ReadAsync(session => TokenStore.FindAsync(session, text), context.RequestAborted);
        if (token is not { Kind: TokenKind.Access, AccountId: { } id, AppId: { } app } || !token.Holds(time.GetUtcNow()))
        {
            Refuse(context, 401, "invalid_token");
            return;
        }
        if (!token.Scopes.Contains(Scopes.OpenId))
        {
            Refuse(context, 403, "insufficient_scope");
            return;
        }
        var account = await database.ReadAsync(session => AccountStore.FindAsync(session, id), context.RequestAborted);
        var claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = subjects.Of(id, app) };
        if (account is not null) { IdTokens.AddEmail(claims, account, token.Scopes); }
        await TokenEndpoints.WriteAsync(context.Response, 200, claims);
    }

    // RFC 6750 §3.
    private static void Refuse(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.WWWAuthenticate = $"Bearer error=\"{error}\"";
    }
}
