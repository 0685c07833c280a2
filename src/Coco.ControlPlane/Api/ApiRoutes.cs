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
        Map(operation, handler, status).Produces<TAnswer>(status, "application/json");

    /// <summary>Maps an operation that answers otherwise where what it makes is there already, with the same body.</summary>
    /// <param name="operation">Which one.</param>
    /// <param name="status">What it answers when it made something.</param>
    /// <param name="again">What it answers when it was there.</param>
    /// <param name="handler">What it does.</param>
    public RouteHandlerBuilder Map<TAnswer>(Operation operation, int status, int again, Delegate handler) =>
        Map(operation, handler, status, again).Produces<TAnswer>(status, "application/json").Produces<TAnswer>(again, "application/json");

    /// <summary>Maps an operation whose answer has none.</summary>
    public RouteHandlerBuilder MapEmpty(Operation operation, int status, Delegate handler) => Map(operation, handler, status).Produces(status);

    private RouteHandlerBuilder Map(Operation operation, Delegate handler, params int[] statuses)
    {
        if (!_mapped.Add(operation)) { throw new InvalidOperationException($"{operation.Id} is mapped twice."); }
        return endpoints.MapMethods(operation.Path, [operation.Method], handler)
            .WithName(operation.Id)
            .WithSummary(operation.Summary)
            .WithTags(operation.Path.Split('/')[2])
            .WithMetadata(operation, new Promise([.. statuses], Takes<Cursor>(handler), Takes<ApiWriter>(handler) || Takes<Apps.ExternalTokens>(handler)))
            .AddEndpointFilter(FormAsync);
    }

    // What a handler takes it uses: so the document cannot forget it.
    private static bool Takes<T>(Delegate handler) => handler.Method.GetParameters().Any(static parameter => parameter.ParameterType == typeof(T));

    private static async ValueTask<object?> FormAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        // Access was decided before the body was read (Authorisation); here answers get their form.
        var result = await next(invocation);
        return result is Answer answer ? new AnswerResult(answer) : result;
    }
}
