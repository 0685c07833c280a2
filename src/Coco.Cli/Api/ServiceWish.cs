namespace Coco.Cli.Api;

/// <summary>A service to offer to other nodes.</summary>
internal sealed record ServiceWish
{
    public required string Name { get; init; }

    /// <summary>What stands behind it: tcp:host:port, udp:host:port, rtsp:host:port, unix:path, or a port.</summary>
    public required string Target { get; init; }

    /// <summary>Nodes that may use it; with no roles either, all whom the policy lets.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    public IReadOnlyList<string> Roles { get; init; } = [];
}
