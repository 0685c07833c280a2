using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Webhooks;

/// <summary>
/// Sends events. The name of a target is resolved when it is connected to, and what is connected to is an address that was checked: a name that points elsewhere a
/// moment later (DNS rebinding) leads nowhere. No redirects, no proxy, no cookies, and nothing is read of the answer but its status.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(10);

    private readonly bool _allowsPrivate;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public WebhookSender(ControlPlaneSettings settings, TimeProvider time)
    {
        (_allowsPrivate, _time) = (settings.Webhooks.AllowsPrivateTargets, time);
        _http = new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                ConnectTimeout = DefaultPatience,
                PooledConnectionLifetime = TimeSpan.FromMinutes(1),
                MaxResponseHeadersLength = 16,
                ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, cancellationToken),
            })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>How long sending one may take. Well below a lease.</summary>
    public TimeSpan Patience { get; set; } = DefaultPatience;

    /// <summary>What is wrong with a target; null where it may be told.</summary>
    public async Task<string?> CheckAsync(string url, CancellationToken cancellationToken)
    {
        if (url.Length > 1024 || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0) { return "url is no address of a service."; }
        if (uri.Scheme != "https" && !(_allowsPrivate && uri.Scheme == "http")) { return "url begins with https."; }
        try
        {
            await ResolveAsync(uri.DnsSafeHost, cancellationToken);
            return null;
        }
        catch (SocketException)
        {
            return "The host of url is not known, or has an address that is not of the internet.";
        }
    }

    /// <summary>Sends an event once.</summary>
    /// <returns>The status; null where there was no answer.</returns>
    public async Task<int?> SendAsync(string url, byte[] secret, string id, string body, CancellationToken cancellationToken)
    {
        var seconds = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Add("Coco-Event", id);
        request.Headers.Add("Coco-Signature", $"t={seconds},v1={Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{seconds}.{body}")))}");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return (int)response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<Stream> ConnectAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(target.Host, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // One address that is not of the internet condemns the name: nobody honest mixes them.
    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        return addresses.Length > 0 && (_allowsPrivate || addresses.All(InternetAddress.Is)) ? addresses : throw new SocketException((int)SocketError.AddressNotAvailable);
    }
}
