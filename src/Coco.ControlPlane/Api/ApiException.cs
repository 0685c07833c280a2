namespace Coco.ControlPlane.Api;

/// <summary>A request that gets a problem as its answer (RFC 9457).</summary>
internal sealed class ApiException(ProblemCode code, string detail) : Exception(detail)
{
    public ProblemCode Code { get; } = code;

    /// <summary>When to try again, for <see cref="ProblemCode.TooManyRequests"/> and the like.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static ApiException NotFound(string what) => new(ProblemCode.NotFound, $"There is no such {what}, or it is not yours to see.");
}
