namespace Coco.Cli.Api;

/// <summary>A tunnel or proxy that is open here.</summary>
internal sealed record TunnelView
{
    /// <summary>What the node is called; null for a proxy.</summary>
    public string? Node { get; init; }

    public string? Service { get; init; }

    public required string Local { get; init; }

    public required string Access { get; init; }

    public TrafficView? Traffic { get; init; }

    /// <summary>What is wrong, or was with the newest connection that failed; null where nothing is.</summary>
    public string? Problem { get; init; }
}
