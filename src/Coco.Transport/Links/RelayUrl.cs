namespace Coco.Transport.Links;

/// <summary>The parts of a relay's <c>wss:</c> address.</summary>
internal static class RelayUrl
{
    /// <summary>Where a relay answers, unless its address says otherwise.</summary>
    public const string DefaultPath = "/coco";

    private const int DefaultPort = 443;

    private const int MaxLength = 1024; // chosen: it has to fit an HTTP head, and comes from peers
    private const int MaxHostLength = 253; // RFC 1035 §2.3.4, without the lengths

    public static bool TryParse(string text, out Uri url)
    {
        url = null!;
        return text.Length <= MaxLength && Uri.TryCreate(text, UriKind.Absolute, out url!) && url.Scheme == Uri.UriSchemeWss
            && url.HostNameType is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6
            && url.IdnHost.Length <= MaxHostLength && url.UserInfo.Length == 0;
    }

    extension(Uri url)
    {
        public int PortOrDefault() => url.Port > 0 ? url.Port : DefaultPort;

        public string PathOrDefault() => url.PathAndQuery is "/" ? DefaultPath : url.PathAndQuery;

        // An IPv6 address stands in brackets wherever a port may follow (RFC 3986 §3.2.2).
        public string IdnHostInBrackets() => url.HostNameType is UriHostNameType.IPv6 ? $"[{url.IdnHost}]" : url.IdnHost;
    }
}
