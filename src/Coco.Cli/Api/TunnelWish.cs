namespace Coco.Cli.Api;

/// <summary>A service of another node to open here; without node and service, a proxy for all of them.</summary>
internal sealed record TunnelWish
{
    public string? Node { get; init; }

    public string? Service { get; init; }

    /// <summary>Where programs of this machine find it: tcp:host:port, udp:host:port, unix:path, or a port, 0 for any that is free.</summary>
    public required string Local { get; init; }

    /// <summary>Which programs may: token, same-user or anyone.</summary>
    public string Access { get; init; } = "token";
}
