using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Coco.ControlPlane.Certificates;

/// <summary>Signed requests of one account key to a certificate authority, one after the other (RFC 8555 §6).</summary>
internal sealed class AcmeSession(HttpClient http, ECDsa key, TimeProvider time)
{
    private const int MaxBody = 256 << 10; // chosen: an order of a hundred names and a chain of ten certificates take less
    private const int MaxUrl = 2048; // chosen
    private const int MaxTries = 20; // chosen: an authority that takes no nonce of ten is out of order
    private const int MaxNonce = 1024; // chosen

    // A field that says more is of an authority that is not to be asked again now.
    private static readonly TimeSpan LongestRetry = TimeSpan.FromDays(1);

    private string? _nonce;

    /// <summary>Where everything is.</summary>
    public AcmeDirectory Directory { get; private set; } = null!;

    /// <summary>The account; null before there is one.</summary>
    public string? Account { get; set; }

    /// <summary>Its key.</summary>
    public ECDsa Key => key;

    /// <summary>Reads the directory.</summary>
    public async Task OpenAsync(string directory, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Check(directory));
        var answer = await SendAsync(request, cancellationToken);
        if (answer.Status is not HttpStatusCode.OK) { throw Refused(answer, "The directory cannot be read"); }
        Directory = AcmeJson.Read<AcmeDirectory>(answer.Body);
        foreach (var url in new[] { Directory.NewNonce, Directory.NewAccount, Directory.NewOrder }) { Check(url); }
    }

    /// <summary>Sends a request.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="payload">JSON; empty to read what is there.</param>
    /// <param name="what">What it would have done, for the message.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AcmeException">The authority refused, or was not reached.</exception>
    public async Task<AcmeAnswer> PostAsync(string url, string payload, string what, CancellationToken cancellationToken)
    {
        var target = Check(url);
        for (var attempt = 1; ; attempt++)
        {
            var nonce = _nonce ?? await NewNonceAsync(cancellationToken);
            _nonce = null; // each is good once
            using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(Encoding.ASCII.GetBytes(Jws.Sign(key, Account, url, nonce, payload))) };
            request.Content.Headers.ContentType = new("application/jose+json");
            var answer = await SendAsync(request, cancellationToken);
            if ((int)answer.Status is >= 200 and < 300) { return answer; }
            // §6.5: the answer brings another, and the same request is good with that.
            if (attempt < MaxTries && AcmeProblem.Read(answer.Body).Name == "badNonce") { continue; }
            throw Refused(answer, what);
        }
    }

    private async Task<string> NewNonceAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, Check(Directory.NewNonce));
        var answer = await SendAsync(request, cancellationToken);
        return _nonce ?? throw Refused(answer, "It gives no nonce");
    }

    private async Task<AcmeAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // §6.1 wants a client to say what it is.
        request.Headers.UserAgent.Add(new("coco-control", typeof(AcmeSession).Assembly.GetName().Version!.ToString(3)));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.Headers.TryGetValues("Replay-Nonce", out var nonces) && nonces.First() is { Length: <= MaxNonce } nonce && IsBase64Url(nonce)) { _nonce = nonce; }
            return new(response.StatusCode, await ReadAsync(response, cancellationToken), response.Headers.Location?.OriginalString, RetryAfterOf(response.Headers.RetryAfter));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var reason = AcmeProblem.Tame((exception as HttpRequestException)?.InnerException?.Message ?? exception.Message);
            throw new AcmeException($"The certificate authority at {request.RequestUri!.Authority} was not reached ({reason}). See Acme.Directory, the network, and Acme.RootFile where its own certificate is not of a known authority.", exception) { IsAway = true };
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxBody + 1];
        var count = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return count <= MaxBody ? Encoding.UTF8.GetString(buffer, 0, count) : throw new AcmeException($"The certificate authority answered more than {MaxBody >> 10} KiB, which no answer to us needs. See Acme.Directory.");
    }

    private TimeSpan? RetryAfterOf(RetryConditionHeaderValue? value)
    {
        var after = value?.Delta ?? (value?.Date is { } date ? date - time.GetUtcNow() : null);
        return after is { } wait ? TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, LongestRetry.Ticks)) : null;
    }

    private static AcmeException Refused(AcmeAnswer answer, string what)
    {
        var problem = AcmeProblem.Read(answer.Body);
        return (problem.Detail is null ? problem with { Detail = $"HTTP status {(int)answer.Status}" } : problem).ToException(what, answer.RetryAfter);
    }

    // RFC 8555 §6.1: https alone. What the authority names is asked as it names it.
    private static Uri Check(string? url) =>
        url is { Length: <= MaxUrl } && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0
            ? uri
            : throw new AcmeException("The certificate authority names an address that is no https:// address. See that Acme.Directory is the address of an ACME directory.");

    // §6.5.1: anything else is to be ignored.
    private static bool IsBase64Url(string text) => text.Length > 0 && text.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');
}
