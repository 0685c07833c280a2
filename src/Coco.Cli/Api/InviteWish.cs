namespace Coco.Cli.Api;

/// <summary>What somebody who is invited will be.</summary>
internal sealed record InviteWish
{
    /// <summary>guest or admin.</summary>
    public string Role { get; init; } = "guest";

    public string? SubCluster { get; init; }

    public double LifetimeSeconds { get; init; } = 86_400;

    public IReadOnlyList<string> Tags { get; init; } = [];
}
