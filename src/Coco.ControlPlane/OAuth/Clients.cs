using System.Text;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.OAuth;

/// <summary>Finds out which app asks: by its secret where it can keep one, by its name alone where not (RFC 6749 §2.3, §3.2.1).</summary>
internal sealed class Clients(Database database, TimeProvider time)
{
    private const string Basic = "Basic ";
    private const int MaxLength = 512;

    /// <exception cref="OAuthException">It does not show who it is.</exception>
    public async Task<App> AuthenticateAsync(HttpContext context, IFormCollection form)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var (id, secret) = (Single(form, "client_id"), Single(form, "client_secret"));
        if (header.Length > 0)
        {
            // RFC 6749 §2.3: no more than one way in a request.
            if (secret is not null) { throw OAuthException.InvalidRequest("The app shows who it is in two ways."); }
            var (headerId, headerSecret) = ReadBasic(header);
            if (id is not null && id != headerId) { throw OAuthException.InvalidClient("client_id is another one."); }
            if (!TextException.IsStorable(headerId)) { throw OAuthException.InvalidRequest("The Authorization header has a character that no text has (U+0000)."); }
            (id, secret) = (headerId, headerSecret);
        }
        var app = id is { Length: > 0 and <= MaxLength } ? await database.ReadAsync(session => AppStore.FindOpenAsync(session, id), context.RequestAborted) : null;
        if (app is null) { throw OAuthException.InvalidClient("The app is not known, or its secret is wrong."); }
        var isRight = app.IsConfidential ? secret is { Length: > 0 and <= MaxLength } && AppStore.IsSecret(app, secret, time.GetUtcNow()) : secret is null or "";
        return isRight ? app : throw OAuthException.InvalidClient("The app is not known, or its secret is wrong.");
    }

    /// <summary>A parameter that is there at most once (RFC 6749 §3.2), of characters that texts have: none of RFC 6749 appendix A has U+0000.</summary>
    public static string? Single(IFormCollection form, string name) => form[name] switch
    {
        { Count: > 1 } => throw OAuthException.InvalidRequest($"{name} is there more than once."),
        [{ Length: > 0 } value] => TextException.IsStorable(value) ? value : throw OAuthException.InvalidRequest($"{name} has a character that no text has (U+0000)."),
        _ => null,
    };

    private static (string Id, string Secret) ReadBasic(string header)
    {
        try
        {
            if (header.Length <= 2 * MaxLength && header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) &&
                new UTF8Encoding(false, true).GetString(Convert.FromBase64String(header[Basic.Length..].Trim())).Split(':', 2) is [var id, var secret])
            {
                return (Decode(id), Decode(secret));
            }
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException)
        {
        }
        throw OAuthException.InvalidClient("The Authorization header is none of an app.");
    }

    // RFC 6749 §2.3.1: both are encoded as in a form.
    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
