namespace Coco.Tunnels;

/// <summary>Limits of tunnels, and the token of their local ends.</summary>
public sealed record TunnelOptions
{
    /// <summary>What programs show at local ends with <see cref="LocalAccess.Token"/>. Null, the default, makes one that lives as long as the node.</summary>
    public LocalToken? Token { get; init; }

    /// <summary>Connections at once of each published service and of each local end. From 1 to 65,536, default 1,024.</summary>
    public int MaxConnections { get; init => field = InRange(value, 1, 65_536); } = 1024;

    /// <summary>UDP flows at once of each published service and of each local end; the flow that was idle longest makes room. Ports for media of RTSP
    /// are as many again, and those that are there stay. From 1 to 65,536, default 1,024.</summary>
    public int MaxFlows { get; init => field = InRange(value, 1, 65_536); } = 1024;

    /// <summary>How long a UDP flow lives without a datagram either way. From 1 s to 1 hour, default 2 minutes: programs that expect NATs on their way
    /// say something that often, as no NAT may forget them sooner (RFC 4787 §4.3, REQ-5).</summary>
    public TimeSpan FlowTimeout { get; init => field = InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)); } = TimeSpan.FromMinutes(2);

    /// <summary>How long what stands behind a service may take to answer. From 1 s to 5 minutes, default 10 s.</summary>
    public TimeSpan TargetTimeout { get; init => field = InRange(value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)); } = TimeSpan.FromSeconds(10);

    private static T InRange<T>(T value, T low, T high)
        where T : IComparable<T> => value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"The value must be from {low} to {high}.");
}
