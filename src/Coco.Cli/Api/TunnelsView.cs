namespace Coco.Cli.Api;

/// <summary>What a node offers, and what is open at it.</summary>
internal sealed record TunnelsView(string Network, IReadOnlyList<ServiceView> Services, IReadOnlyList<TunnelView> Tunnels);
