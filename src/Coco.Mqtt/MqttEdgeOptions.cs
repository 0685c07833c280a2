using Coco.Storage;
using Coco.Tunnels;
using Microsoft.Extensions.Logging;

namespace Coco.Mqtt;

/// <summary>Where an MQTT server listens, whom it lets in, and what it keeps.</summary>
public sealed record MqttEdgeOptions
{
    /// <summary>Where it listens: a TCP port of this machine's, 0 for any that is free, or a Unix socket. Default 127.0.0.1:1883.</summary>
    public TunnelEnd End { get; init; } = TunnelEnd.Tcp(1883);

    /// <summary>Which programs of this machine are let in. Default: those that show the app's token as password.</summary>
    public LocalAccess Access { get; init; } = LocalAccess.Token;

    /// <summary>The token for <see cref="LocalAccess.Token"/>. Null, the default, is the node's (<see cref="NodeTunnels.Token"/>).</summary>
    public LocalToken? Token { get; init; }

    /// <summary>Whose node a client uses; the first that fits counts, and a user with a password needs no token. None, the default: all use the node the
    /// edge was started with. Where there are some, clients that none of them is for are refused.</summary>
    public IReadOnlyList<MqttUser> Users { get; init; } = [];

    /// <summary>The file that keeps sessions, messages with QoS 1 and 2 that are on their way, and retained ones. Null, the default, keeps them in memory.</summary>
    public string? StorePath { get; init; }

    /// <summary>What opens the store.</summary>
    public StoreKey? StoreKey { get; init; }

    /// <summary>Limits.</summary>
    public MqttLimits Limits { get; init; } = new();

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the edge says what it does. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
