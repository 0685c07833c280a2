using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coco.Cli.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Coco.Cli.Daemon;

/// <summary>
/// What can be asked of the daemon: a path for each, JSON in and out, errors as <see cref="ErrorAnswer"/>. A stream is a JSON value a line, of which the
/// last is an error where it failed.
/// </summary>
internal sealed class ApiRoutes(IEndpointRouteBuilder endpoints, DaemonCore daemon, ILogger logger)
{
    private static readonly byte[] LineEnd = [(byte)'\n'];

    public void Get<TAnswer>(string path, Func<ApiCall, Task<TAnswer>> handle) => Map("GET", path, call => AnswerAsync(call, handle(call)));

    /// <summary>A question that changes something.</summary>
    public void Post<TWish, TAnswer>(string path, Func<ApiCall, TWish, Task<TAnswer>> handle, bool needsRoom = true) => Map("POST", path, async call =>
    {
        if (needsRoom) { Room.Require(call.Daemon.Places); }
        await AnswerAsync(call, handle(call, await ReadAsync<TWish>(call)));
    });

    public void Delete<TAnswer>(string path, Func<ApiCall, Task<TAnswer>> handle) => Map("DELETE", path, call => AnswerAsync(call, handle(call)));

    public void Lines<TWish, TLine>(string path, Func<ApiCall, TWish, IAsyncEnumerable<TLine>> handle) => Map("POST", path, async call =>
    {
        var lines = handle(call, await ReadAsync<TWish>(call));
        call.Http.Response.ContentType = "application/jsonl"; // an error that comes first has its own
        await foreach (var line in lines.WithCancellation(call.Aborted))
        {
            await WriteAsync(call, line);
            await call.Http.Response.Body.WriteAsync(LineEnd, call.Aborted);
            await call.Http.Response.Body.FlushAsync(call.Aborted);
        }
    });

    /// <summary>A question whose bodies are no JSON.</summary>
    public void Raw(string path, Func<ApiCall, Task> handle) => Map("POST", path, handle);

    private void Map(string method, string path, Func<ApiCall, Task> handle) =>
        endpoints.MapMethods(path, [method], http => HandleAsync(http, handle));

    private async Task HandleAsync(HttpContext http, Func<ApiCall, Task> handle)
    {
        try
        {
            await handle(new(http, daemon.Apps.CallerOf(http.Request.Headers.Authorization), daemon));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer.
        }
        catch (Exception exception)
        {
            await RefuseAsync(http, ErrorOf(exception, http.Request.Path));
        }
    }

    private ApiError ErrorOf(Exception exception, string path)
    {
        var error = exception switch
        {
            ApiException refusal => new ApiError(refusal.Code, refusal.Message),
            _ when Trouble.IsFullDisk(exception) => new(
                "disk-full", $"The disk with {daemon.Places.State} is full, and nothing was changed. Free some space, then try again."),
            CocoException failure => new(ApiJson.NameOf(failure.Code), failure.Message),
            JsonException or BadHttpRequestException => new("invalid", $"The daemon does not understand the question ({exception.Message}). Use the same version of coco for both."),
            ArgumentException wrong => new("invalid", wrong.Message.Split(" (Parameter")[0]),
            IOException or UnauthorizedAccessException => new("failed", Trouble.Sentence(exception.Message)),
            OperationCanceledException => new("unreachable", "It took too long. Try again."),
            ObjectDisposedException => new("connection-closed", "The node was stopped meanwhile. `coco status` shows what runs."),
            _ => new("fault", $"Something went wrong inside coco. {daemon.Places.LogFile} has the details."),
        };
        if (error.Code == "fault") { logger.CallFailed(path, exception); } else { logger.CallRefused(path, error.Code, error.Message); }
        return error;
    }

    private static async Task RefuseAsync(HttpContext http, ApiError error)
    {
        // In the middle of a stream the status has been said; the error is its last line.
        if (!http.Response.HasStarted)
        {
            http.Response.StatusCode = error.Code switch
            {
                "not-found" or "not-offered" => StatusCodes.Status404NotFound,
                "not-permitted" or "denied" or "removed" => StatusCodes.Status403Forbidden,
                "fault" => StatusCodes.Status500InternalServerError,
                _ => StatusCodes.Status400BadRequest,
            };
            http.Response.ContentType = "application/json";
        }
        try
        {
            await JsonSerializer.SerializeAsync(http.Response.Body, new ErrorAnswer(error), ApiJson.Default.ErrorAnswer, http.RequestAborted);
            await http.Response.Body.WriteAsync(LineEnd, http.RequestAborted);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Nobody waits for it.
        }
    }

    private static async Task AnswerAsync<TAnswer>(ApiCall call, Task<TAnswer> task)
    {
        var answer = await task;
        call.Http.Response.ContentType = "application/json";
        await WriteAsync(call, answer);
    }

    /// <summary>Writes an answer.</summary>
    public static Task WriteAsync<T>(ApiCall call, T value) => JsonSerializer.SerializeAsync(call.Http.Response.Body, value, TypeOf<T>(), call.Aborted);

    private static async Task<TWish> ReadAsync<TWish>(ApiCall call) =>
        await JsonSerializer.DeserializeAsync(call.Http.Request.Body, TypeOf<TWish>(), call.Aborted) ?? throw new JsonException("it is empty");

    private static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)ApiJson.Default.GetTypeInfo(typeof(T))!;
}
