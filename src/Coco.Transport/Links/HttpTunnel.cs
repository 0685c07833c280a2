using System.Net;
using System.Text;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>Asks an HTTP proxy for a tunnel (CONNECT, RFC 9110 §9.3.6).</summary>
internal static class HttpTunnel
{
    private const int ProxyAuthenticationRequired = 407;

    /// <exception cref="LinkException">The proxy says no.</exception>
    public static async Task OpenAsync(Stream proxy, Uri relay, NetworkCredential? credentials, CancellationToken cancellationToken)
    {
        var target = $"{relay.IdnHostInBrackets()}:{relay.PortOrDefault()}";
        var request = new StringBuilder($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if (credentials is not null)
        {
            // RFC 7617 §2: a name has no colon, neither has control characters; here both would be the user's own mistake.
            var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.UserName}:{credentials.Password}"));
            request.Append("Proxy-Authorization: Basic ").Append(pair).Append("\r\n");
        }
        await proxy.WriteAsync(Encoding.ASCII.GetBytes(request.Append("\r\n").ToString()), cancellationToken).ConfigureAwait(false);

        var head = await ReadAnswerAsync(proxy, cancellationToken).ConfigureAwait(false);
        if (head.Status is >= 200 and < 300) { return; }
        throw head.Status == ProxyAuthenticationRequired
            ? new LinkException(LinkFailure.ProxyAuthenticationRequired, $"proxy answered {head.Describe()}")
            : new LinkException(LinkFailure.ProxyRefused, $"proxy answered {head.Describe()}");
    }

    private static async Task<HttpHead> ReadAnswerAsync(Stream proxy, CancellationToken cancellationToken)
    {
        try
        {
            return await HttpHead.ReadAsync(proxy, cancellationToken).ConfigureAwait(false);
        }
        catch (LinkException exception)
        {
            throw new LinkException(LinkFailure.ProxyRefused, $"proxy {exception.Message}", exception);
        }
    }
}
