using System.Net;
using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Crypto;
using Coco.Data;
using Coco.Media;
using Coco.Messages;
using Coco.Storage;
using Coco.Topics;
using Coco.Traversal.Relays;
using Coco.Tunnels;
using Microsoft.Extensions.Logging;

namespace Coco;

/// <summary>What a node is called, what it runs, where it keeps what it knows, and how it is reached.</summary>
public sealed record NodeOptions
{
    /// <summary>The name the node asks for, 1 to 64 bytes of UTF-8; others connect to it by this name. Default: the machine's.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>The app that the node is an install of, and whose sub-cluster it joins. Null, the default, for a device, which only the owner
    /// can admit and which is part of the core.</summary>
    public AppId? App { get; init; }

    /// <summary>Whether the node speaks for others that cannot. Default false.</summary>
    public bool IsGateway { get; init; }

    /// <summary>What the network may ask of the node. Default <see cref="NodeClass.Stationary"/>.</summary>
    public NodeClass Class { get; init; } = NodeClass.Stationary;

    /// <summary>Whether the node passes on what others send each other over it. Default, null: all do but <see cref="NodeClass.Portable"/> ones. A node that refuses is on nobody's way.</summary>
    public bool? Forwards { get; init; }

    /// <summary>The user whose node it is, where the user has others already. Default: a user of its own, whose key is in the store.</summary>
    public IdentityKey? User { get; init; }

    /// <summary>The file with what the node knows. Null, the default, for an ephemeral node, which forgets everything with the process.</summary>
    public string? StorePath { get; init; }

    /// <summary>What opens the store; needed where there is one.</summary>
    public StoreKey? StoreKey { get; init; }

    /// <summary>How much is kept in the store. Default everything.</summary>
    public StorePolicy StorePolicy { get; init; } = StorePolicy.Full;

    /// <summary>The host whose sockets the node uses, which stays the caller's. Default: one of its own, made from what follows.</summary>
    public CocoHost? Host { get; init; }

    /// <summary>Where a host of its own listens (<see cref="CocoHostOptions.ListenAddresses"/>).</summary>
    public IReadOnlyList<IPEndPoint> ListenAddresses { get; init; } = [];

    /// <summary>Relays of a host of its own (<see cref="CocoHostOptions.Relays"/>).</summary>
    public IReadOnlyList<RelayInfo> Relays { get; init; } = [];

    /// <summary>Whether members on the same LAN are found without anybody's help, by multicast DNS. Default true.</summary>
    public bool DiscoverOnLan { get; init; } = true;

    /// <summary>Limits of tunnels, and the token of their local ends.</summary>
    public TunnelOptions Tunnels { get; init; } = new();

    /// <summary>Limits of messages.</summary>
    public MessageOptions Messages { get; init; } = new();

    /// <summary>Limits of topics.</summary>
    public TopicOptions Topics { get; init; } = new();

    /// <summary>Limits of live streams.</summary>
    public MediaOptions Streams { get; init; } = new();

    /// <summary>Limits of the data that the node keeps.</summary>
    public DataOptions Data { get; init; } = new();

    /// <summary>How long <see cref="Node.ConnectAsync(string, CancellationToken)"/> and the calls of the mesh may take. From 1 s to 5 minutes, default 15 s.</summary>
    public TimeSpan ConnectTimeout
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromMinutes(5)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The timeout must be from 1 s to 5 minutes.");
    } = TimeSpan.FromSeconds(15);

    /// <summary>How long <see cref="Node.JoinAsync(string, NodeOptions, CancellationToken)"/> calls sponsors before it gives up. From 1 s to 1 day, default 2 minutes.</summary>
    public TimeSpan JoinTimeout
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The timeout must be from 1 s to 1 day.");
    } = TimeSpan.FromMinutes(2);

    /// <summary>Whether the machine's clock is believed, as far as it is plausible: false for devices that have none that goes on while they are off. One that shows less than is known
    /// for sure, or is years ahead of it, is not believed anyway until others say the same. Default true.</summary>
    public bool TrustsClock { get; init; } = true;

    /// <summary>After which uptime grants that are limited in time lapse at this node while it does not know for sure what time it is. From 1 minute to 10 years,
    /// default 24 h.</summary>
    public TimeSpan LapseAfter
    {
        get;
        init => field = value >= TimeSpan.FromMinutes(1) && value <= TimeSpan.FromDays(3653)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Grants lapse after 1 minute to 10 years.");
    } = TimeSpan.FromHours(24);

    /// <summary>Where the node tells what it does; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
