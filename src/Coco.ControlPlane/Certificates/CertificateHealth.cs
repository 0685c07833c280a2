using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Coco.ControlPlane.Certificates;

/// <summary>Tells load balancers' pages what is wrong with the certificate. Never that the instance is not ready: the authority comes through the load balancer, too, and what relays is not held up by it.</summary>
internal sealed class CertificateHealth(CertificateInUse shown) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(shown.Problem is { } problem ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy());
}
