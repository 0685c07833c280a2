using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Pages;

/// <summary>
/// Knows forms that this site gave to this browser: a random cookie, and in each form its HMAC for that form and session. No other site can read
/// either, and instances share the key. Browsers also say where a post comes from; what they say is held to.
/// </summary>
internal sealed class FormGuard(ServerSecret secret, Cookies cookies, PublicAddress address)
{
    public const string Field = "guard";

    private const string Cookie = "form";
    private const int CookieSize = 32;

    /// <summary>The hidden field for a form.</summary>
    /// <param name="context">The request for the page.</param>
    /// <param name="purpose">Which form it is, and for whom: one form's guard is none for another.</param>
    public Html FieldFor(HttpContext context, string purpose)
    {
        // A page may have several forms, and a browser has one cookie.
        var cookie = context.Items[typeof(FormGuard)] as string ?? cookies.Read(context, Cookie);
        if (cookie is null || !Base64Url.IsValid(cookie) || cookie.Length != Base64Url.GetEncodedLength(CookieSize))
        {
            cookie = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CookieSize));
            cookies.Write(context, Cookie, cookie);
            context.Items[typeof(FormGuard)] = cookie;
        }
        return $"""<input type="hidden" name="guard" value="{Compute(cookie, purpose)}">""";
    }

    /// <summary>Whether a posted form is one of ours, in the browser to which it was given.</summary>
    public bool IsOurs(HttpContext context, IFormCollection form, string purpose)
    {
        var headers = context.Request.Headers;
        if (headers.Origin is [var origin] && origin != address.Url) { return false; }
        if (headers["Sec-Fetch-Site"] is [var site] && site != "same-origin") { return false; }
        return cookies.Read(context, Cookie) is { Length: > 0 and < 100 } cookie && form[Field] is [{ } given] &&
            CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(Compute(cookie, purpose)));
    }

    private string Compute(string cookie, string purpose) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(secret.Derive("forms"), Encoding.UTF8.GetBytes($"{cookie}\n{purpose}")));
}
