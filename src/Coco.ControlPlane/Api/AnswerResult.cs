using System.Text.Json;

namespace Coco.ControlPlane.Api;

/// <summary>Writes an <see cref="Answer"/>.</summary>
internal sealed class AnswerResult(Answer answer) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        if (answer.Version is { } version)
        {
            response.Headers.ETag = Precondition.ETagOf(version);
            if (Precondition.IsKnown(httpContext, version))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }
        if (answer.Location is { } location) { response.Headers.Location = location; }
        // What is answered depends on who asks.
        response.Headers.CacheControl = answer.Version is null ? "no-store" : "private, no-cache";
        response.StatusCode = answer.Status;
        if (answer.Value is null) { return; }
        response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(response.Body, answer.Value, answer.Value.GetType(), ApiJson.Options, httpContext.RequestAborted);
    }
}
