using System.Buffers;
using System.Text;

namespace Coco.Tunnels.Rtsp;

/// <summary>
/// Addresses in what a server says. Players ask for rtsp://127.0.0.1:port/…, the tunnel's local end, and requests go on with that: servers look at the path, and
/// a digest covers the address that the player has sent (RFC 7616 §3.4). A server that answers with an address of its own would lead the player past
/// the tunnel: where such an address says what to ask for next, its host and port become those that the player has asked for.
/// </summary>
internal static class RtspUrls
{
    private const string Scheme = "rtsp://";
    private const string DefaultPort = ":554";
    private const string Control = "a=control:";

    private static readonly SearchValues<char> BehindAuthority = SearchValues.Create("/?#;,\"<> \t\r\n");

    // Chosen: a camera has an address or two.
    private const int MaxNames = 16;

    // RFC 2326 §12.11, §12.15, §12.33: what answers name streams by.
    private static readonly string[] Fields = ["Content-Base", "Content-Location", "RTP-Info"];

    /// <summary>Host and port of an address, without a user's name; null where it is none of RTSP.</summary>
    public static string? AuthorityOf(string url)
    {
        if (!url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) { return null; }
        var rest = url[Scheme.Length..(Scheme.Length + LengthOfAuthority(url.AsSpan(Scheme.Length)))];
        var host = rest[(rest.LastIndexOf('@') + 1)..];
        return host.Length == 0 ? null : host;
    }

    /// <summary>Whether two mean the same place, as far as their text tells.</summary>
    public static bool IsSame(string one, string other) => Whole(one).Equals(Whole(other), StringComparison.OrdinalIgnoreCase);

    /// <summary>Makes what an answer says of the server's address the player's.</summary>
    /// <param name="message">The answer.</param>
    /// <param name="authority">What the player has asked for.</param>
    /// <param name="names">What the server is known to call itself. More may come.</param>
    public static void Localize(RtspMessage message, string authority, ISet<string> names)
    {
        foreach (var name in Fields)
        {
            if (message[name] is { } value && Replace(value, authority, names) is { } local) { message.Set(name, local); }
        }
        if (message["Content-Type"]?.StartsWith("application/sdp", StringComparison.OrdinalIgnoreCase) is true && message["Content-Encoding"] is null or "identity")
        {
            Describe(message, authority, names);
        }
        Redirect(message, authority, names);
    }

    /// <summary>The same of where a server sends the player to (RFC 2326 §10.10, §11): another server is left as it is.</summary>
    public static void Redirect(RtspMessage message, string authority, IEnumerable<string> names)
    {
        if (message["Location"] is not { } location || AuthorityOf(location) is not { } named || IsSame(named, authority)) { return; }
        if (names.Any(name => IsSame(name, named))) { message.Set("Location", Replace(location, authority, null)!); }
    }

    // RFC 2326 C.1.1.
    private static void Describe(RtspMessage message, string authority, ISet<string> names)
    {
        var lines = Encoding.Latin1.GetString(message.Body).Split('\n');
        var isChanged = false;
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Control, StringComparison.OrdinalIgnoreCase) || Replace(lines[i], authority, names) is not { } local) { continue; }
            (lines[i], isChanged) = (local, true);
        }
        if (isChanged) { message.Replace(Encoding.Latin1.GetBytes(string.Join('\n', lines))); }
    }

    // Null where nothing changes.
    private static string? Replace(string text, string authority, ISet<string>? names)
    {
        var result = new StringBuilder();
        var isChanged = false;
        for (var at = 0; ;)
        {
            var next = text.IndexOf(Scheme, at, StringComparison.OrdinalIgnoreCase);
            if (next < 0) { return isChanged ? result.Append(text, at, text.Length - at).ToString() : null; }
            next += Scheme.Length;
            var length = LengthOfAuthority(text.AsSpan(next));
            var named = AuthorityOf(text[(next - Scheme.Length)..]);
            var isOther = named is not null && !IsSame(named, authority);
            if (isOther && names is { Count: < MaxNames }) { names.Add(named!); }
            result.Append(text, at, next - at).Append(isOther ? authority : text.AsSpan(next, length));
            isChanged |= isOther;
            at = next + length;
        }
    }

    private static int LengthOfAuthority(ReadOnlySpan<char> text) => text.IndexOfAny(BehindAuthority) is >= 0 and var end ? end : text.Length;

    // An address in brackets has colons of its own.
    private static string Whole(string authority) =>
        authority.LastIndexOf(':') is var colon && (colon < 0 || authority[colon..].Contains(']', StringComparison.Ordinal)) ? authority + DefaultPort : authority;
}
