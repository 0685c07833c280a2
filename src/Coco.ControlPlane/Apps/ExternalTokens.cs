using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Apps;

/// <summary>Tokens for people whom only a developer knows: the developer's service app names them as it likes, and they need no account.</summary>
internal sealed class ExternalTokens(ApiWriter writer, TimeProvider time)
{
    private const int MaxUserId = 128;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    public Task<IResult> CreateAsync(Caller caller, ExternalTokenRequest asked)
    {
        if (asked.ExternalUserId.Length is 0 or > MaxUserId || asked.ExternalUserId.Any(character => character is < '!' or > '~'))
        {
            throw new ApiException(ProblemCode.Invalid, $"externalUserId has 1 to {MaxUserId} visible ASCII characters.");
        }
        var now = time.GetUtcNow();
        if (asked.Expires <= now || asked.Expires > now + Longest) { throw new ApiException(ProblemCode.Invalid, "expires is within the next 24 hours."); }
        return writer.WriteAsync(session => CreateAsync(session, caller, asked, now));
    }

    private static async Task<Answer> CreateAsync(Session session, Caller caller, ExternalTokenRequest asked, DateTimeOffset now)
    {
        var app = await AppStore.FindAsync(session, caller.AppId!);
        if (app is not { Kind: AppKind.Service }) { throw new ApiException(ProblemCode.Forbidden, "This is for service apps."); }
        if (!await session.AnyAsync($"SELECT 1 FROM networks WHERE id = {asked.Network} AND owner_app = {app.Id}")) { throw ApiException.NotFound("network"); }
        if (asked.Scopes.Count == 0 || !asked.Scopes.All(scope => Scopes.OfExternalUsers.Contains(scope) && app.Scopes.Contains(scope)))
        {
            throw new ApiException(ProblemCode.InsufficientScope, $"scopes are some of {string.Join(", ", Scopes.OfExternalUsers.Order(StringComparer.Ordinal))} that the app itself is registered with.");
        }
        var (token, text) = await TokenStore.IssueAsync(
            session,
            new(Identifiers.New("tok"), TokenKind.ExternalUser, null, app.Id, asked.ExternalUserId, [.. asked.Scopes, NetworkRoles.ScopeOf(asked.Network)], now, asked.Expires));
        return new(201, new ExternalToken(text, token.Expires));
    }
}
