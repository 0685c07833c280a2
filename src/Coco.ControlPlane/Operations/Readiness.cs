using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Coco.ControlPlane.Operations;

/// <summary>Whether a load balancer should send requests here: the database answers, and the instance is not stopping.</summary>
internal sealed class Readiness(Database database, StopDelay stopping, IHostApplicationLifetime lifetime) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Writes how it is, and on lines of their own what is not well. Nothing of that is secret, or says more than that something is wrong.</summary>
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(string.Join('\n', [report.Status.ToString(), .. report.Entries.Values.Where(static entry => entry.Status is not HealthStatus.Healthy).Select(static entry => entry.Description)]));
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (stopping.HasBegun || lifetime.ApplicationStopping.IsCancellationRequested) { return HealthCheckResult.Unhealthy("stopping"); }
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Patience);
        try
        {
            await database.ReadAsync(session => session.NumberAsync($"SELECT MAX(version) FROM schema_versions"), limited.Token);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or OperationCanceledException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("the database does not answer");
        }
    }
}
