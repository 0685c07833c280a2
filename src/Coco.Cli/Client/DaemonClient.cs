using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coco.Cli.Api;

namespace Coco.Cli.Client;

/// <summary>Asks the daemon, over its socket. What it refuses is thrown as <see cref="CommandException"/>, in its words.</summary>
internal sealed class DaemonClient : IDisposable
{
    public const string TokenVariable = "COCO_TOKEN";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly string _log;

    public DaemonClient(Shell shell)
    {
        var socket = shell.Places.Socket;
        _log = shell.Places.LogFile;
        _http = new(new SocketsHttpHandler { ConnectCallback = async (_, cancellationToken) => await ConnectAsync(socket, cancellationToken), UseProxy = false })
        {
            BaseAddress = new("http://coco"),
            Timeout = Timeout.InfiniteTimeSpan, // commands have their own, and streams none
        };
        if (shell.Variable(TokenVariable) is { Length: > 0 } token) { _http.DefaultRequestHeaders.Authorization = new("Bearer", token); }
    }

    public async Task<TAnswer> GetAsync<TAnswer>(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await AnswerAsync<TAnswer>(request, cancellationToken);
    }

    public async Task<TAnswer> PostAsync<TWish, TAnswer>(string path, TWish wish, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(wish) };
        return await AnswerAsync<TAnswer>(request, cancellationToken);
    }

    public async Task<TAnswer> DeleteAsync<TAnswer>(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        return await AnswerAsync<TAnswer>(request, cancellationToken);
    }

    /// <summary>The lines of a stream, as they come.</summary>
    public async IAsyncEnumerable<TLine> LinesAsync<TWish, TLine>(string path, TWish wish, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(wish) };
        using var response = await SendAsync(request, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (await ReadLineAsync(reader, cancellationToken) is { } line)
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.TryGetProperty("error", out var error)) { throw ErrorOf(error.Deserialize(ApiJson.Default.ApiError)); }
            yield return document.RootElement.Deserialize(TypeOf<TLine>())!;
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The answer's head, when it is no error.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.InnerException is CommandException refusal)
        {
            throw new CommandException(refusal.Code, refusal.Message, exception);
        }
        catch (HttpRequestException exception)
        {
            throw Ended(exception);
        }
        if (response.IsSuccessStatusCode) { return response; }
        using (response)
        {
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            try
            {
                throw ErrorOf(JsonSerializer.Deserialize(bytes, ApiJson.Default.ErrorAnswer)?.Error);
            }
            catch (JsonException)
            {
                throw ErrorOf(null);
            }
        }
    }

    private async Task<TAnswer> AnswerAsync<TAnswer>(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken);
        try
        {
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return JsonSerializer.Deserialize(bytes, TypeOf<TAnswer>()) ?? throw ErrorOf(null);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Ended(exception);
        }
    }

    private async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Ended(exception);
        }
    }

    private static async Task<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ConnectTimeout);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), patience.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (cancellationToken.IsCancellationRequested) { throw; }
            throw exception switch
            {
                SocketException { SocketErrorCode: SocketError.AccessDenied } => new CommandException(
                    ExitCode.NotPermitted, $"The daemon at {path} is another user's. Run your own: `coco up`.", exception),
                SocketException or OperationCanceledException => new CommandException(
                    ExitCode.NoDaemon, "The daemon is not running. Run `coco up --background`, then try again.", exception),
                ArgumentException => new CommandException(
                    ExitCode.Failed, $"The path of the daemon's socket is too long: {path}. Set XDG_RUNTIME_DIR to a shorter one.", exception),
                _ => exception,
            };
        }
    }

    private CommandException Ended(Exception cause) =>
        new(ExitCode.NoDaemon, $"The daemon ended while it was asked. {_log} may say why; `coco up --background` starts it again.", cause);

    private static CommandException ErrorOf(ApiError? error) => error is null
        ? new(ExitCode.Failed, "The daemon's answer is not understood. Use the same version of coco for both: restart it.")
        : new(CodeOf(error.Code), error.Message);

    private static ExitCode CodeOf(string code) => code switch
    {
        "not-found" or "not-offered" or "store-not-found" => ExitCode.NotFound,
        "not-permitted" or "denied" or "removed" or "join-not-allowed" => ExitCode.NotPermitted,
        "unreachable" or "connection-closed" or "overloaded" or "target-unavailable" => ExitCode.Unreachable,
        "fault" => ExitCode.Fault,
        _ => ExitCode.Failed,
    };

    private static ByteArrayContent Json<T>(T value)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, TypeOf<T>()));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)ApiJson.Default.GetTypeInfo(typeof(T))!;
}
