namespace Coco.Cli.Api;

/// <summary>The MQTT server of a network.</summary>
internal sealed record MqttView
{
    public required string Network { get; init; }

    public required string Local { get; init; }

    public required string Access { get; init; }

    /// <summary>How many users it has, where it knows some.</summary>
    public int Users { get; init; }

    public int Clients { get; init; }

    /// <summary>How many there may be at once; 0 where it does not run.</summary>
    public int MaxClients { get; init; }

    /// <summary>Whether there may be no more because the daemon may have no more files open.</summary>
    public bool IsLimitedByFiles { get; init; }

    public int Sessions { get; init; }

    /// <summary>Messages that a client was too slow for.</summary>
    public long Dropped { get; init; }

    /// <summary>Programs that were not let in.</summary>
    public long Refused { get; init; }

    /// <summary>Why it does not run; null where it does.</summary>
    public string? Problem { get; init; }
}
