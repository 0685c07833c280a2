using System.Text.Json;

namespace Coco.ControlPlane.Api;

/// <summary>Writes an <see cref="Answer"/>.</summary>
internal sealed class AnswerResult(Answer answer) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        // What is answered depends on who asks: a cache of one person's must not ask for one account with the tag of another.
        response.Headers.Append("Vary", "Authorization");
        byte[]? body = null;
        if (answer.Version is { } version)
        {
            body = answer.Value is null ? [] : JsonSerializer.SerializeToUtf8Bytes(answer.Value, answer.Value.GetType(), ApiJson.Options);
            var tag = Precondition.ETagOf(version, body);
            response.Headers.ETag = tag;
            if (Precondition.IsKnown(httpContext, tag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }
        if (answer.Location is { } location) { response.Headers.Location = location; }
        response.Headers.CacheControl = answer.Version is null ? "no-store" : "private, no-cache";
        response.StatusCode = answer.Status;
        if (answer.Value is null) { return; }
        response.ContentType = "application/json";
        if (body is not null) { await response.Body.WriteAsync(body, httpContext.RequestAborted); }
        else { await JsonSerializer.SerializeAsync(response.Body, answer.Value, answer.Value.GetType(), ApiJson.Options, httpContext.RequestAborted); }
    }
}
