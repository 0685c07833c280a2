using System.Data.Common;
using Coco.ControlPlane.OAuth;
using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Primitives;

namespace Coco.ControlPlane.Api;

/// <summary>
/// Lets pages of registered single-page apps use the API (CORS, of the Fetch standard §3.2). The headers go on just before an answer does, whatever became of the
/// request: a page has to be able to read problems too. What a browser asks in advance is answered after its rate was asked, by <see cref="AnswerPreflight"/>.
/// </summary>
internal sealed class ApiOrigins(RequestDelegate next, Origins origins)
{
    private const string Methods = "GET, POST, PUT, DELETE";
    private const string RequestHeaders = "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Coco-Statement";
    private const string ResponseHeaders = "ETag, Location, Retry-After, WWW-Authenticate, Allow";

    public Task InvokeAsync(HttpContext context)
    {
        if (IsOfApi(context)) { context.Response.OnStarting(() => AddAsync(context)); }
        return next(context);
    }

    /// <summary>Whether a browser asks in advance what a page may send to a path that there is.</summary>
    public static bool IsPreflight(HttpContext context) =>
        HttpMethods.IsOptions(context.Request.Method) && IsOfApi(context) && context.GetEndpoint() is not null
        && !StringValues.IsNullOrEmpty(context.Request.Headers.Origin) && !StringValues.IsNullOrEmpty(context.Request.Headers.AccessControlRequestMethod);

    /// <summary>Answers such a question; whether the page may is in the headers.</summary>
    public static Task AnswerPreflight(HttpContext context, RequestDelegate next)
    {
        if (!IsPreflight(context)) { return next(context); }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static bool IsOfApi(HttpContext context) => context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);

    private async Task AddAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Append("Vary", "Origin"); // RFC 9110 §12.5.5: also where there is none
        if (Origins.OriginOf(context) is not { } origin) { return; }
        // Who asks too often, or while the database is away, costs it no look.
        var mayLook = context.Response.StatusCode is not StatusCodes.Status429TooManyRequests and < 500;
        try
        {
            if (!await origins.IsRegisteredAsync(origin, mayLook, context.RequestAborted)) { return; }
        }
        catch (Exception exception) when (exception is DbException or StorageException or TimeoutException or OperationCanceledException)
        {
            return;
        }
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlExposeHeaders = ResponseHeaders;
        if (!IsPreflight(context)) { return; }
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = RequestHeaders;
        headers.AccessControlMaxAge = "600";
    }
}
