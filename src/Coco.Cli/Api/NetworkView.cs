namespace Coco.Cli.Api;

/// <summary>A network, seen from the node that is held in it.</summary>
internal sealed record NetworkView
{
    public required string Name { get; init; }

    /// <summary>The network's key; empty while the node does not run.</summary>
    public required string Id { get; init; }

    public required string Node { get; init; }

    public required string NodeName { get; init; }

    public required string User { get; init; }

    /// <summary>owner, admin or guest.</summary>
    public required string Role { get; init; }

    /// <summary>The app whose node it is; null for the user's own.</summary>
    public string? App { get; init; }

    /// <summary>running, removed or failed.</summary>
    public required string State { get; init; }

    /// <summary>What is wrong, and what to do; null where nothing is.</summary>
    public string? Problem { get; init; }

    public int Members { get; init; }

    public int Reachable { get; init; }

    /// <summary>The MQTT server over its topics; null where none is open.</summary>
    public MqttView? Mqtt { get; init; }
}
