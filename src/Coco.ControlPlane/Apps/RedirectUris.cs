using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Apps;

/// <summary>
/// Where codes may be sent (RFC 9700 §2.1): compared character by character with what was registered, but for the port of a native app on
/// loopback, which it learns when it starts (RFC 8252 §7.3).
/// </summary>
internal static class RedirectUris
{
    public const int MaxLength = 512;

    /// <summary>Whether an app of this kind may register it: https, or for native apps a scheme of their own or loopback.</summary>
    public static bool MayRegister(AppKind kind, string text)
    {
        if (!IsPlain(text) || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0 || text.Contains('#', StringComparison.Ordinal)) { return false; }
        return uri.Scheme switch
        {
            "https" => uri.Host.Length > 0 && text.StartsWith("https://", StringComparison.Ordinal),
            "http" => kind is AppKind.Native && IsLoopback(text, out _, out _),
            // RFC 8252 §7.1: a name of a domain that the app's maker has, reversed. So javascript: and the like are none.
            _ => kind is AppKind.Native && uri.Scheme.Contains('.', StringComparison.Ordinal) && text.StartsWith(uri.Scheme + ":", StringComparison.Ordinal),
        };
    }

    /// <summary>Whether a request's redirect URI is one of those that are registered.</summary>
    public static bool Matches(AppKind kind, IEnumerable<string> registered, string requested)
    {
        if (!IsPlain(requested)) { return false; }
        return registered.Any(one => string.Equals(one, requested, StringComparison.Ordinal) ||
            (kind is AppKind.Native && IsLoopback(one, out var host, out var path) && IsLoopback(requested, out var otherHost, out var otherPath) && host == otherHost && path == otherPath));
    }

    /// <summary>Whether any program of the person's machine can be at this URI, so that the person is asked each time (RFC 8252 §8.6).</summary>
    public static bool ProvesNothing(string uri) => !uri.StartsWith("https://", StringComparison.Ordinal);

    /// <summary>The origin that a browser names for a page at this URI (RFC 6454).</summary>
    public static string OriginOf(string uri) => new Uri(uri).GetLeftPart(UriPartial.Authority);

    // Literal addresses: "localhost" is what a resolver says it is (RFC 8252 §8.3).
    private static bool IsLoopback(string text, out string host, out string path)
    {
        (host, path) = ("", "");
        foreach (var start in (ReadOnlySpan<string>)["http://127.0.0.1", "http://[::1]"])
        {
            if (!text.StartsWith(start, StringComparison.Ordinal)) { continue; }
            var rest = text.AsSpan(start.Length);
            if (rest is [':', ..])
            {
                var end = rest.IndexOf('/');
                var port = rest[1..(end < 0 ? rest.Length : end)];
                if (!ushort.TryParse(port, System.Globalization.NumberStyles.None, null, out _)) { return false; }
                rest = end < 0 ? [] : rest[end..];
            }
            if (rest is not ([] or ['/', ..])) { return false; }
            (host, path) = (start, rest.ToString());
            return true;
        }
        return false;
    }

    // Characters that URIs are written in (RFC 3986 §2): no space, quote, bracket of HTML, backslash or control, which readers take for different things.
    private static bool IsPlain(string text) =>
        text.Length is > 0 and <= MaxLength && text.All(character => char.IsAsciiLetterOrDigit(character) || "-._~:/?#[]@!$&'()*+,;=%".Contains(character, StringComparison.Ordinal));
}
