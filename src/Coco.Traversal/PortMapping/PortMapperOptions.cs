namespace Coco.Traversal.PortMapping;

/// <summary>How routers are asked for port mappings.</summary>
internal sealed record PortMapperOptions
{
    /// <summary>Protocols that may be used. All by default.</summary>
    public IReadOnlyList<PortMappingProtocol> Protocols { get; init; } = [PortMappingProtocol.Pcp, PortMappingProtocol.NatPmp, PortMappingProtocol.Upnp];

    /// <summary>Lifetime asked for. Default 2 hours, what RFC 6886 §3.3 recommends.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Head start of one protocol before the next is tried beside it. Default 0.5 s: a router in the same house answers in milliseconds.</summary>
    public TimeSpan Stagger { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two looks at whether the router still is what it was. Default 15 minutes: four small exchanges an hour.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Wait after all protocols failed; doubles up to <see cref="MaxRetryDelay"/>. Default 2 minutes.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest wait between two tries. Default 1,024 s, "MRT" of RFC 6887 §8.1.1.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(1024);

    /// <summary>How long removing mappings may take at stop. Default 2 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Routers asked. Default 4.</summary>
    public int MaxGateways { get; init; } = 4;

    /// <summary>External ports tried when a UPnP router has given the one before to another host. Default 5.</summary>
    public int MaxPortTries { get; init; } = 5;

    /// <summary>UPnP devices looked at for one router. Default 8.</summary>
    public int MaxDevices { get; init; } = 8;

    /// <summary>Bytes read of an HTTP answer. Default 64 KiB.</summary>
    public int MaxHttpBody { get; init; } = 64 << 10;

    /// <summary>What a UPnP router's list of mappings shows. Default "Coco".</summary>
    public string Description { get; init; } = "Coco";
}
