using System.Collections.Immutable;
using System.Globalization;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Primitives;

namespace Coco.ControlPlane.OAuth;

/// <summary>Reads an authorization request of an app that is known, with a redirect URI that is the app's (RFC 6749 §4.1.1, RFC 7636, OpenID Connect
/// Core §3.1.2.1).</summary>
internal static class RequestReader
{
    private const int MaxState = 1024;
    private const int MaxNonce = 512;

    // RFC 7636 §4.2: base64url of a SHA-256.
    private const int ChallengeLength = 43;

    private static readonly ImmutableArray<string> Once =
        ["response_type", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt", "max_age", "response_mode", "request", "request_uri"];

    private static readonly ImmutableHashSet<string> Prompts = ["none", "login", "consent", "select_account"];

    /// <exception cref="OAuthException">What the app is told.</exception>
    public static AuthorizationRequest Read(App app, string redirectUri, Func<string, StringValues> parameters, DateTimeOffset now)
    {
        if (Once.FirstOrDefault(name => parameters(name).Count > 1) is { } repeated) { throw OAuthException.InvalidRequest($"{repeated} is there more than once."); }
        if (Once.FirstOrDefault(name => parameters(name) is [{ } text] && !TextException.IsStorable(text)) is { } unreadable) { throw OAuthException.InvalidRequest($"{unreadable} has a character that no text has (U+0000)."); }
        string? Value(string name) => parameters(name) is [{ Length: > 0 } value] ? value : null;

        if (Value("request") is not null) { throw new OAuthException("request_not_supported", "Request objects are not read."); }
        if (Value("request_uri") is not null) { throw new OAuthException("request_uri_not_supported", "Request objects are not read."); }
        if (Value("response_type") is not { } type) { throw OAuthException.InvalidRequest("response_type is missing."); }
        if (type != "code") { throw new OAuthException("unsupported_response_type", "Only code is supported."); }
        if (Value("response_mode") is not (null or "query")) { throw OAuthException.InvalidRequest("Only the response_mode query is supported."); }
        if (Value("state")?.Length > MaxState || Value("nonce")?.Length > MaxNonce) { throw OAuthException.InvalidRequest("state or nonce is too long."); }
        return new(app.Id, redirectUri, ReadScopes(app, Value("scope")), ReadChallenge(Value("code_challenge"), Value("code_challenge_method")), now)
        {
            State = Value("state"),
            Nonce = Value("nonce"),
            Prompt = ReadPrompt(Value("prompt")),
            MaxAge = ReadMaxAge(Value("max_age")),
        };
    }

    private static string[] ReadScopes(App app, string? text)
    {
        var scopes = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray();
        return scopes.Length > 0 && scopes.All(scope => app.Scopes.Contains(scope) && Scopes.MayAskPeople(app.Kind, scope))
            ? scopes
            : throw new OAuthException("invalid_scope", "scope names something that the app is not registered with or may not ask people for, or nothing.");
    }

    private static string ReadChallenge(string? challenge, string? method)
    {
        if (challenge is null) { throw OAuthException.InvalidRequest("code_challenge is missing (PKCE)."); }
        // RFC 7636 §4.3: no method means plain, which shows the verifier to who sees the request.
        if (method != "S256") { throw OAuthException.InvalidRequest("code_challenge_method has to be S256."); }
        return challenge.Length == ChallengeLength && System.Buffers.Text.Base64Url.IsValid(challenge)
            ? challenge
            : throw OAuthException.InvalidRequest("code_challenge is no base64url of a SHA-256.");
    }

    private static string[] ReadPrompt(string? text)
    {
        var prompts = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return prompts.Length <= Prompts.Count && prompts.All(Prompts.Contains) && !(prompts.Contains("none", StringComparer.Ordinal) && prompts.Length > 1)
            ? prompts
            : throw OAuthException.InvalidRequest("prompt is none alone, or some of login, consent and select_account.");
    }

    private static long? ReadMaxAge(string? text) => text is null
        ? null
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : throw OAuthException.InvalidRequest("max_age is a number of seconds.");
}
