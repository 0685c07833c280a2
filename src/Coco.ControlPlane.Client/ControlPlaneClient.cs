using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coco.ControlPlane.Client.Contracts;

namespace Coco.ControlPlane.Client;

/// <summary>
/// The REST API of a control plane, with a method for each operation. What changes something carries an <c>Idempotency-Key</c> and is sent again when the
/// connection fails, so that it happens once. Nothing that comes back is believed beyond what its signatures say; see <see cref="NetworkAuthority"/>.
/// </summary>
public sealed partial class ControlPlaneClient
{
    private const int Attempts = 3;
    private const int MaxAnswer = 8 << 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly HttpClient _http;
    private readonly Func<CancellationToken, ValueTask<string?>> _token;
    private readonly TimeProvider _time;

    /// <summary>A client.</summary>
    /// <param name="http">Reaches the control plane at its base address; it stays the caller's.</param>
    /// <param name="token">Gives the token of each request; null for none.</param>
    /// <param name="time">The clock. Default the system's.</param>
    public ControlPlaneClient(HttpClient http, Func<CancellationToken, ValueTask<string?>> token, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(token);
        if (http.BaseAddress is null) { throw new ArgumentException("The HTTP client has no base address.", nameof(http)); }
        (_http, _token, _time, Origin) = (http, token, time ?? TimeProvider.System, KeyProofs.OriginOf(http.BaseAddress));
    }

    /// <summary>Where the control plane is: scheme, host and port.</summary>
    public string Origin { get; }

    internal TimeProvider Time => _time;

    /// <summary>What the control plane says of itself.</summary>
    public Task<ServiceView> GetServiceAsync(CancellationToken cancellationToken = default) => GetAsync("/v1/service", ClientJson.Default.ServiceView, cancellationToken);

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, null, type, cancellationToken);

    private Task<T> SendJsonAsync<TBody, T>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(method, path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), null, type, cancellationToken);

    // What the control plane does not remember is sent once: nobody would know whether a second answer is about the first request.
    private Task<byte[]> SendOnceAsync<TBody>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken cancellationToken) =>
        SendAsync(method, path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), null, cancellationToken, isOnce: true);

    private async Task<T> SendOnceAsync<TBody, T>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(await SendOnceAsync(method, path, body, bodyType, cancellationToken).ConfigureAwait(false), method, path, type);

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, byte[]? body, (string Name, string Value)? header, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Read(await SendAsync(method, path, body, header, cancellationToken).ConfigureAwait(false), method, path, type);

    private T Read<T>(byte[] bytes, HttpMethod method, string path, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new ControlPlaneException(ControlPlaneError.BadAnswer, $"What {Origin} answered to {method} {path} is no answer of a control plane.", exception);
        }
    }

    private async Task<byte[]> SendAsync(HttpMethod method, string path, byte[]? body, (string Name, string Value)? header, CancellationToken cancellationToken, bool isOnce = false)
    {
        var attempts = isOnce ? 1 : Attempts;
        var key = isOnce || method == HttpMethod.Get ? null : Guid.NewGuid().ToString("n");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var request = new HttpRequestMessage(method, path);
                if (await _token(cancellationToken).ConfigureAwait(false) is { } token) { request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token); }
                if (key is not null) { request.Headers.Add("Idempotency-Key", key); }
                if (header is { } further) { request.Headers.Add(further.Name, further.Value); }
                if (body is not null) { request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } }; }
                using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
                var answer = await ReadAsync(response, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode) { return answer; }
                if (response.StatusCode is not HttpStatusCode.ServiceUnavailable || attempt == attempts) { throw ProblemOf(answer, response.StatusCode); }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException and not ControlPlaneException || IsTimeout(exception, cancellationToken))
            {
                if (attempt == attempts) { throw new ControlPlaneException(ControlPlaneError.Unreachable, $"{Origin} does not answer {method} {path}: {exception.Message}", exception); }
            }
            await Task.Delay(Pause * attempt, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    // The client's own timeout, not the caller's cancelling.
    private static bool IsTimeout(Exception exception, CancellationToken cancellationToken) => exception is OperationCanceledException && !cancellationToken.IsCancellationRequested;

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var held = stream.ConfigureAwait(false);
        using var answer = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            if (answer.Length + count > MaxAnswer) { throw new ControlPlaneException(ControlPlaneError.BadAnswer, $"{Origin} answers with more than {MaxAnswer} bytes."); }
            answer.Write(buffer, 0, count);
        }
        return answer.ToArray();
    }

    private ControlPlaneException ProblemOf(byte[] answer, HttpStatusCode status)
    {
        Problem? problem = null;
        try { problem = JsonSerializer.Deserialize(answer, ClientJson.Default.Problem); }
        catch (JsonException) { }
        if (problem is null) { return new(ControlPlaneError.BadAnswer, $"{Origin} answers with HTTP {(int)status} and no problem of a control plane."); }
        var name = problem.Type.Split(':')[^1].Replace("-", "", StringComparison.Ordinal);
        return new(Enum.TryParse<ControlPlaneError>(name, ignoreCase: true, out var code) ? code : ControlPlaneError.Unknown, $"{problem.Title}: {problem.Detail}") { Instance = problem.Instance };
    }

    private static string QueryOf(string? cursor, params (string Name, string? Value)[] filters)
    {
        var parts = filters.Append((Name: "cursor", Value: cursor)).Where(static filter => filter.Value is not null).Select(static filter => $"{filter.Name}={Uri.EscapeDataString(filter.Value!)}");
        var query = string.Join('&', parts);
        return query.Length == 0 ? "" : "?" + query;
    }
}
