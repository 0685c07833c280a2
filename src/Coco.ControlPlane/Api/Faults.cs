using Coco.ControlPlane.Operations;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Api;

/// <summary>The outermost part: whatever goes wrong inside becomes a problem in the answer, and nothing of the inside gets out.</summary>
internal sealed class Faults(RequestDelegate next, ILogger<Faults> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.GetEndpoint() is null) { await Problems.WriteAsync(context, ProblemCode.NotFound, "There is nothing at this path."); }
            // The reading of bodies sets a status and says no more.
            else if (context.Response is { StatusCode: 413, HasStarted: false }) { await Problems.WriteAsync(context, ProblemCode.TooLarge, "The request has more bytes than are taken."); }
            else if (context.Response is { StatusCode: 415, HasStarted: false }) { await Problems.WriteAsync(context, ProblemCode.UnsupportedMediaType, "Send the body as application/json."); }
            else if (context.Response is { StatusCode: 405, HasStarted: false }) { await Problems.WriteAsync(context, ProblemCode.MethodNotAllowed, "The path is there, and takes the methods that Allow names."); }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception exception)
        {
            if (Problems.Of(exception) is { } problem)
            {
                if (problem.Code is ProblemCode.Unavailable or ProblemCode.StorageFull) { ControlPlaneLog.NoDatabase(logger, Describe(exception), context.TraceIdentifier); }
                await Problems.WriteAsync(context, problem.Code, problem.Detail, problem.RetryAfter);
                return;
            }
            ControlPlaneLog.Fault(logger, exception, context.TraceIdentifier, context.GetEndpoint()?.DisplayName ?? "no endpoint");
            await Problems.WriteAsync(context, ProblemCode.Internal, "It is logged under the instance named here.");
        }
    }

    // The engine's own words and number; statements and values are not in them.
    private static string Describe(Exception exception) => exception switch
    {
        System.Data.Common.DbException { InnerException: { } inner } outer => $"{outer.Message} ({inner.Message})",
        StorageException { InnerException: { } inner } => inner.Message,
        _ => exception.Message,
    };
}
