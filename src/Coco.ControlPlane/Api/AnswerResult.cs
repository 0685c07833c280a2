using System.Text;
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
            body = answer.Value is null ? [] : Write(answer.Value);
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
        await response.Body.WriteAsync(body ?? Write(answer.Value), httpContext.RequestAborted);
    }

    // What was answered before goes out as it did then, to the byte, or its ETag would be another.
    private static byte[] Write(object value) => value is JsonElement before ? Encoding.UTF8.GetBytes(before.GetRawText()) : JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), ApiJson.Options);
}
