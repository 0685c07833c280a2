namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>A key that may admit nodes, and nothing else.</summary>
/// <param name="Id">The statement that made it one, by which it is taken back.</param>
/// <param name="Key">The key.</param>
/// <param name="IsRevoked">Whether it admits no more.</param>
/// <param name="SubCluster">The only part it admits to; null for all.</param>
/// <param name="Until">When what it admits has to have ended; null for never.</param>
public sealed record DelegateView(string Id, string Key, bool IsRevoked, string? SubCluster = null, DateTimeOffset? Until = null);
