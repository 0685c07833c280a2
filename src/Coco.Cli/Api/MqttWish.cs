namespace Coco.Cli.Api;

/// <summary>An MQTT server over a network's topics.</summary>
internal sealed record MqttWish
{
    /// <summary>Where clients find it: tcp:host:port, unix:path, or a port, 0 for any that is free.</summary>
    public required string Local { get; init; }

    /// <summary>Which programs may: token, same-user or anyone.</summary>
    public string Access { get; init; } = "token";

    /// <summary>How many clients at once; null for as many as a server takes by itself, or as the daemon may have files open.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Who uses which node; none: all use this network's.</summary>
    public IReadOnlyList<MqttUserWish> Users { get; init; } = [];
}
