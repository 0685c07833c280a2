using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>What the daemon remembers of a node beside its store, in <c>node.json</c>.</summary>
internal sealed record NodeSettings
{
    public const string FileName = "node.json";

    public const string CurrentFormat = "coco-node/1";

    public string Format { get; init; } = CurrentFormat;

    /// <summary>What the network was called when the node was last started.</summary>
    public required string Network { get; init; }

    /// <summary>The app whose node it is; null for the user's own.</summary>
    public string? App { get; init; }

    /// <summary>Whether the node has not joined yet, as far as is known.</summary>
    public bool IsPending { get; init; }

    /// <summary>What programs show at local ends of tunnels, so that they need no new one after each start.</summary>
    public required string TunnelToken { get; init; }

    /// <summary>When the node was restored here from a backup; null where it was not.</summary>
    public DateTimeOffset? RestoredAt { get; init; }

    /// <summary>Services that it offers.</summary>
    public IReadOnlyList<ServiceWish> Services { get; init; } = [];

    /// <summary>Tunnels and proxies that are open at it.</summary>
    public IReadOnlyList<TunnelWish> Tunnels { get; init; } = [];

    /// <summary>Links of invitations that it made at control planes.</summary>
    public IReadOnlyList<LinkEntry> Links { get; init; } = [];

    /// <summary>The MQTT server that is open over its topics; null where none is.</summary>
    public MqttWish? Mqtt { get; init; }
}
