using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Coco.Transport.Links;

/// <summary>Which HTTP proxy stands before the relays (CONNECT, RFC 9110 §9.3.6).</summary>
internal sealed record ProxyOptions
{
    private ProxyOptions(IWebProxy? proxy) => Rules = proxy;

    /// <summary>What the system's settings say, or on Linux HTTPS_PROXY, ALL_PROXY and NO_PROXY.</summary>
    public static ProxyOptions System { get; } = new(HttpClient.DefaultProxy);

    /// <summary>None.</summary>
    public static ProxyOptions None { get; } = new(proxy: null);

    /// <summary>Which proxy for which address, and the credentials; null for no proxy at all.</summary>
    public IWebProxy? Rules { get; }

    /// <summary>Always this one; the name and password, if any, are sent as RFC 7617 says (Basic).</summary>
    public static ProxyOptions At(Uri address, NetworkCredential? credentials = null) =>
        new(new WebProxy(address) { Credentials = credentials ?? UserInfoOf(address) });

    /// <summary>Rules of one's own.</summary>
    public static ProxyOptions By(IWebProxy rules) => new(rules);

    /// <summary>The proxy to go through to a relay, unless it is reached without.</summary>
    public bool TryFind(Uri relay, [NotNullWhen(true)] out Uri? proxy, out NetworkCredential? credentials)
    {
        (proxy, credentials) = (null, null);
        // The rules know https and not every version of them knows wss.
        var target = new UriBuilder(relay) { Scheme = Uri.UriSchemeHttps }.Uri;
        if (Rules is null || Rules.IsBypassed(target)) { return false; }
        proxy = Rules.GetProxy(target);
        if (proxy is null || proxy == target) { return false; }
        credentials = Rules.Credentials?.GetCredential(proxy, "Basic") ?? UserInfoOf(proxy);
        return true;
    }

    private static NetworkCredential? UserInfoOf(Uri address)
    {
        if (address.UserInfo.Length == 0) { return null; }
        var parts = address.UserInfo.Split(':', 2);
        return new(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}
