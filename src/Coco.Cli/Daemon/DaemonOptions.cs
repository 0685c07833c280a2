using System.Net;
using Coco.Cluster.Certificates;
using Coco.Traversal.Relays;

namespace Coco.Cli.Daemon;

/// <summary>How the daemon is reached by other nodes.</summary>
internal sealed record DaemonOptions
{
    /// <summary>Where to listen; everywhere, on a port that the system chooses, when empty.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [];

    public IReadOnlyList<RelayInfo> Relays { get; init; } = [];

    public bool DiscoversOnLan { get; init; } = true;

    /// <summary>What networks may ask of this machine's nodes (<see cref="NodeOptions.Class"/>).</summary>
    public NodeClass Class { get; init; } = NodeClass.Stationary;

    /// <summary>Whether nodes pass on what others send each other, as far as their class does (<see cref="NodeOptions.Forwards"/>).</summary>
    public bool Forwards { get; init; } = true;

    /// <summary>Whether the machine's clock is believed (<see cref="NodeOptions.TrustsClock"/>).</summary>
    public bool TrustsClock { get; init; } = true;

    /// <summary>The machine's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public bool MapsPorts { get; init; }

    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromMinutes(2);
}
