namespace Coco.Cli.Api;

/// <summary>A member of a network.</summary>
internal sealed record PeerView
{
    public required string Name { get; init; }

    public required string Id { get; init; }

    public required string User { get; init; }

    public required string Role { get; init; }

    public string? App { get; init; }

    public required string SubCluster { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public bool Reachable { get; init; }

    public int Hops { get; init; }

    /// <summary>udp, tcp, relay, relay-websocket or mesh; null where there is no connection.</summary>
    public string? Path { get; init; }

    public double? RoundTripMs { get; init; }
}
