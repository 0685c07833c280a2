using Coco.Cluster;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Usage;

namespace Coco.ControlPlane.Client;

/// <content>What networks use.</content>
public sealed partial class ControlPlaneClient
{
    /// <summary>Shows what a network used of a month, and what it may.</summary>
    /// <param name="network">The network.</param>
    /// <param name="month">The calendar month of UTC, <c>2026-11</c>; null for this one.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task<UsageView> GetUsageAsync(NetworkId network, string? month = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{PathOf(network)}/usage{QueryOf(null, ("month", month))}", ClientJson.Default.UsageView, cancellationToken);

    /// <summary>Lists what each node used of a month.</summary>
    /// <param name="network">The network.</param>
    /// <param name="month">The calendar month of UTC, <c>2026-11</c>; null for this one.</param>
    /// <param name="cursor">Where to go on; null for the beginning.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task<Page<NodeUsageView>> ListNodeUsageAsync(NetworkId network, string? month = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{PathOf(network)}/usage/nodes{QueryOf(cursor, ("month", month))}", ClientJson.Default.PageNodeUsageView, cancellationToken);

    /// <summary>Gives a network another plan. For whoever runs the control plane.</summary>
    public Task<UsageView> SetPlanAsync(NetworkId network, PlanRequest request, CancellationToken cancellationToken = default) =>
        SendJsonAsync(HttpMethod.Put, PathOf(network) + "/plan", request, ClientJson.Default.PlanRequest, ClientJson.Default.UsageView, cancellationToken);
}
