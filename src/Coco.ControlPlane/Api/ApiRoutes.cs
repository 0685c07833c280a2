namespace Coco.ControlPlane.Api;

/// <summary>Puts operations at their routes, each behind its access.</summary>
internal sealed class ApiRoutes(IEndpointRouteBuilder endpoints)
{
    private readonly HashSet<Operation> _mapped = [];

    /// <summary>Operations that have a route.</summary>
    public IReadOnlySet<Operation> Mapped => _mapped;

    /// <summary>Maps an operation whose answer has a body.</summary>
    /// <param name="operation">Which one.</param>
    /// <param name="status">What it answers when all is well.</param>
    /// <param name="handler">What it does; it returns an <see cref="IResult"/> or <see cref="Answer"/>.</param>
    public RouteHandlerBuilder Map<TAnswer>(Operation operation, int status, Delegate handler) =>
        Map(operation, handler).Produces<TAnswer>(status, "application/json");

    /// <summary>Maps an operation whose answer has none.</summary>
    public RouteHandlerBuilder MapEmpty(Operation operation, int status, Delegate handler) => Map(operation, handler).Produces(status);

    private RouteHandlerBuilder Map(Operation operation, Delegate handler)
    {
        if (!_mapped.Add(operation)) { throw new InvalidOperationException($"{operation.Id} is mapped twice."); }
        return endpoints.MapMethods(operation.Path, [operation.Method], handler)
            .WithName(operation.Id)
            .WithSummary(operation.Summary)
            .WithMetadata(operation)
            .AddEndpointFilter(FormAsync);
    }

    private static async ValueTask<object?> FormAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        // Access was decided before the body was read (Authorisation); here answers get their form.
        var result = await next(invocation);
        return result is Answer answer ? new AnswerResult(answer) : result;
    }
}
