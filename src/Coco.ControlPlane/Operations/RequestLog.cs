using System.Diagnostics;
using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Operations;

/// <summary>One line for each request: the operation, who, what came of it. The path is not in it, as it may hold names of nodes.</summary>
internal sealed class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var metadata = context.GetEndpoint()?.Metadata;
            if ((metadata?.GetMetadata<Operation>()?.Id ?? metadata?.GetMetadata<Door>()?.Id) is { } name)
            {
                Describe(context);
                ControlPlaneLog.Served(logger, name, Caller.Of(context).Name, context.Response.StatusCode, (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
    }

    // The framework's span has no name of its own; OpenTelemetry's conventions for HTTP servers want these.
    private static void Describe(HttpContext context)
    {
        if (Activity.Current is not { IsAllDataRequested: true } span) { return; }
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = $"{context.Request.Method} {route}";
        span.SetTag("http.request.method", context.Request.Method);
        span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", context.Response.StatusCode);
    }
}
