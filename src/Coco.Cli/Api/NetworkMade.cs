namespace Coco.Cli.Api;

/// <summary>A new network, and the key with which ownership can be recovered, which is told this once.</summary>
internal sealed record NetworkMade(NetworkView Network, string? RecoveryKey);
