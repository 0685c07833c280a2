using System.Globalization;

namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>
/// An <c>http:</c> URL whose host is an IPv4 literal. Names are refused: whoever answers on the LAN must not make us look them up.
/// </summary>
/// <param name="Server">Address and port.</param>
/// <param name="Path">Path and query, printable ASCII that begins with a slash.</param>
internal readonly record struct HttpAddress(NetworkAddress Server, string Path)
{
    private const string Scheme = "http://";
    private const int DefaultPort = 80;

    /// <summary>Longest URL looked at; chosen, those of routers are below 100.</summary>
    public const int MaxLength = 512;

    public static bool TryParse(ReadOnlySpan<char> text, out HttpAddress address)
    {
        address = default;
        text = text.Trim();
        if (text.Length > MaxLength || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) { return false; }
        text = text[Scheme.Length..];
        var slash = text.IndexOf('/');
        var host = slash < 0 ? text : text[..slash];
        var path = slash < 0 ? "/" : text[slash..];
        var port = DefaultPort;
        if (host.IndexOf(':') is >= 0 and var colon)
        {
            if (!ushort.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) { return false; }
            port = number;
            host = host[..colon];
        }
        if (!NetworkAddress.TryParseHost(host, out var server) || !server.WithPort(port).IsSendable || !IsPlain(path)) { return false; }
        address = new(server.WithPort(port), path.ToString());
        return true;
    }

    /// <summary>Reads a URL that may be absolute, a path, or relative to this one (RFC 3986 §5.2, without dot segments).</summary>
    public bool TryResolve(ReadOnlySpan<char> text, out HttpAddress address)
    {
        address = default;
        text = text.Trim();
        if (text.Length is 0 or > MaxLength) { return false; }
        if (text.Contains("://", StringComparison.Ordinal)) { return TryParse(text, out address); }
        if (!IsPlain(text)) { return false; }
        address = text[0] == '/' ? this with { Path = text.ToString() } : this with { Path = string.Concat(Folder, text) };
        return true;
    }

    private ReadOnlySpan<char> Folder
    {
        get
        {
            var path = Path.AsSpan();
            if (path.IndexOf('?') is >= 0 and var query) { path = path[..query]; }
            return path[..(path.LastIndexOf('/') + 1)];
        }
    }

    // Printable ASCII without spaces: nothing that could end the line of a request.
    private static bool IsPlain(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('!', '~');
}
