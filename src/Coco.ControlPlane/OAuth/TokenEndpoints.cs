using System.Text.Json;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Pages;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.OAuth;

/// <summary>What apps ask without a person: tokens (RFC 6749 §3.2), taking them back (RFC 7009), and what they are (RFC 7662). Not slowed down as
/// passwords are: what apps show are 32 random bytes, which nobody guesses.</summary>
internal sealed class TokenEndpoints(
    Clients clients, Grants grants, IdTokens idTokens, Subjects subjects, Database database, TokenStore tokens, PublicAddress address, TimeProvider time, ILogger<TokenEndpoints> logger)
{
    public Task TokenAsync(HttpContext context) => AnswerAsync(context, "token", async (app, form) =>
    {
        var grant = Clients.Single(form, "grant_type") switch
        {
            null => throw OAuthException.InvalidRequest("grant_type is missing."),
            "authorization_code" => await grants.ForCodeAsync(app, Required(form, "code"), Required(form, "redirect_uri"), Required(form, "code_verifier"), context.RequestAborted),
            "refresh_token" => await grants.ForRefreshAsync(app, Required(form, "refresh_token"), Clients.Single(form, "scope"), context.RequestAborted),
            "client_credentials" => await grants.ForAppAsync(app, Clients.Single(form, "scope"), context.RequestAborted),
            _ => throw new OAuthException("unsupported_grant_type", "Supported are authorization_code, refresh_token and client_credentials."),
        };
        if (grant.Refusal is { } refusal) { throw refusal; }
        OAuthLog.Issued(logger, app.Id, Clients.Single(form, "grant_type")!);
        var answer = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["access_token"] = grant.AccessToken,
            ["token_type"] = "Bearer",
            ["expires_in"] = (long)Grants.AccessLifetime.TotalSeconds,
            ["scope"] = string.Join(' ', grant.Scopes),
        };
        if (grant.RefreshToken is { } refresh) { answer["refresh_token"] = refresh; }
        if (grant.Account is { } account && grant.Scopes.Contains(Scopes.OpenId))
        {
            answer["id_token"] = await idTokens.MakeAsync(account, app.Id, grant.Scopes, grant.Nonce, grant.SignedIn, grant.AccessToken, context.RequestAborted);
        }
        return answer;
    });

    /// <summary>Takes a token back. One that is not there, or of another app, is answered as if it had been (RFC 7009 §2.2).</summary>
    public Task RevokeAsync(HttpContext context) => AnswerAsync(context, "revoke", async (app, form) =>
    {
        var text = Required(form, "token");
        await database.WriteAsync(
            async session =>
            {
                if (await TokenStore.FindAsync(session, text) is not { } token || token.AppId != app.Id) { return; }
                // §2.1: with a refresh token goes what was made from it.
                if (token is { Kind: TokenKind.Refresh, Family: { } family }) { await tokens.RevokeFamilyAsync(session, family); }
                else { await tokens.RevokeAsync(session, token.Id); }
            },
            context.RequestAborted);
        return null;
    });

    /// <summary>Says what a token is, to the app that it was made for.</summary>
    public Task IntrospectAsync(HttpContext context) => AnswerAsync(context, "introspect", async (app, form) =>
    {
        if (!app.IsConfidential) { throw OAuthException.InvalidClient("This is for apps that keep a secret."); }
        var text = Required(form, "token");
        var token = await database.ReadAsync(session => TokenStore.FindAsync(session, text), context.RequestAborted);
        var answer = new Dictionary<string, object>(StringComparer.Ordinal) { ["active"] = false };
        // §2.2: of a token that is not its own, an app learns nothing.
        if (token is null || token.AppId != app.Id || !token.Holds(time.GetUtcNow())) { return answer; }
        answer["active"] = true;
        answer["iss"] = address.Url;
        answer["client_id"] = app.Id;
        answer["scope"] = string.Join(' ', token.Scopes.Order(StringComparer.Ordinal));
        answer["token_type"] = token.Kind is TokenKind.Refresh ? "refresh_token" : "Bearer";
        answer["iat"] = token.Created.ToUnixTimeSeconds();
        answer["exp"] = token.Expires.ToUnixTimeSeconds();
        answer["sub"] = token.ExternalUser ?? (token.AccountId is { } account ? subjects.Of(account, app.Id) : app.Id);
        return answer;
    });

    private async Task AnswerAsync(HttpContext context, string endpoint, Func<App, IFormCollection, Task<object?>> work)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store"; // RFC 6749 §5.1
        string? name = null;
        try
        {
            var form = await FormPages.ReadAsync(context) ?? throw OAuthException.InvalidRequest("Send application/x-www-form-urlencoded.");
            var app = await clients.AuthenticateAsync(context, form);
            name = app.Id;
            var answer = await work(app, form);
            if (answer is not null) { await WriteAsync(response, 200, answer); }
        }
        catch (OAuthException exception)
        {
            OAuthLog.Refused(logger, endpoint, name ?? "nobody", exception.Error);
            var isClient = exception.Error == "invalid_client";
            // RFC 6749 §5.2: in the way in which the app tried.
            if (isClient && context.Request.Headers.Authorization.Count > 0) { response.Headers.WWWAuthenticate = "Basic realm=\"coco\""; }
            await WriteAsync(response, isClient ? 401 : 400, new Dictionary<string, string>(StringComparer.Ordinal) { ["error"] = exception.Error, ["error_description"] = exception.Message });
        }
    }

    public static async Task WriteAsync(HttpResponse response, int status, object answer)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(response.Body, answer, answer.GetType(), cancellationToken: response.HttpContext.RequestAborted);
    }

    private static string Required(IFormCollection form, string name) => Clients.Single(form, name) is { Length: <= 4096 } value
        ? value
        : throw OAuthException.InvalidRequest($"{name} is missing, or too long.");
}
