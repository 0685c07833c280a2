using System.Globalization;
using System.Text;

namespace Coco.Tunnels;

/// <summary>
/// A request that a client gives to its proxy in absolute form (RFC 9112 §3.2.2), as the server is to get it. One request goes through a connection:
/// the server is told to close it behind its answer (§9.6), so that no answer has to be read to know where the next one begins.
/// </summary>
internal static class HttpForward
{
    private const string Scheme = "http://";

    // RFC 9110 §7.6.1 and what clients say to proxies only; those that Connection names go as well.
    private static readonly string[] ForThisHop = ["connection", "proxy-connection", "keep-alive", "te", "upgrade", "host"];

    /// <summary>Reads it from the lines of a head whose fields are known to have names. True with no host where the request is not meant for a proxy.</summary>
    public static bool TryRead(ReadOnlySpan<string> lines, string target, out HttpConnectRequest request)
    {
        request = new("", null);
        if (!target.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) { return true; }
        var rest = target.AsSpan(Scheme.Length);
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        var path = rest[authority.Length..].ToString();
        // RFC 9110 §4.2.4: users in it are an old trick.
        if (authority.IsEmpty || authority.Contains('@') || !TryReadLength(lines[1..], out var length)) { return false; }
        var colon = authority.LastIndexOf(':');
        var host = colon < 0 || authority[(colon + 1)..].ContainsAnyExceptInRange('0', '9') ? authority : authority[..colon];
        request = new(host.ToString(), null, HeadOf(lines, authority, path), length);
        return true;
    }

    private static byte[] HeadOf(ReadOnlySpan<string> lines, ReadOnlySpan<char> authority, string path)
    {
        var (method, version) = (lines[0][..lines[0].IndexOf(' ', StringComparison.Ordinal)], lines[0][(lines[0].LastIndexOf(' ') + 1)..]);
        // §3.2.4: asked of the whole server.
        var origin = path is "" && method is "OPTIONS" ? "*" : path is ['/', ..] ? path : "/" + path;
        var head = new StringBuilder($"{method} {origin} {version}\r\nHost: {authority}\r\n"); // §3.2.2: whatever Host the client said
        var named = NamedByConnection(lines[1..]);
        foreach (var line in lines[1..])
        {
            var name = NameOf(line);
            if (!named.Contains(name) && !name.StartsWith("proxy-", StringComparison.Ordinal)) { head.Append(line).Append("\r\n"); }
        }
        return Encoding.Latin1.GetBytes(head.Append("Via: 1.1 coco\r\nConnection: close\r\n\r\n").ToString()); // RFC 9110 §7.6.3
    }

    private static HashSet<string> NamedByConnection(ReadOnlySpan<string> fields)
    {
        var named = new HashSet<string>(ForThisHop, StringComparer.Ordinal);
        foreach (var field in fields)
        {
            if (NameOf(field) != "connection") { continue; }
            named.UnionWith(ValueOf(field).ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries).Where(static name => !IsOfTheBody(name)));
        }
        return named;
    }

    // RFC 9112 §6.3: two lengths that differ are an attack, and one in another form.
    private static bool TryReadLength(ReadOnlySpan<string> fields, out long? length)
    {
        (length, var given) = (0, (string?)null);
        foreach (var field in fields)
        {
            switch (NameOf(field))
            {
                case "transfer-encoding":
                    length = null;
                    break;
                case "content-length":
                    if (given is not null && given != ValueOf(field)) { return false; }
                    given = ValueOf(field);
                    break;
                default:
                    break;
            }
        }
        if (given is null) { return true; }
        var isRead = long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && length is not null;
        length = number;
        return isRead;
    }

    // Without them the server would take the body for a request.
    private static bool IsOfTheBody(string name) => name is "content-length" or "transfer-encoding";

    private static string NameOf(string field) => field[..field.IndexOf(':', StringComparison.Ordinal)].ToLowerInvariant();

    private static string ValueOf(string field) => field[(field.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
}
