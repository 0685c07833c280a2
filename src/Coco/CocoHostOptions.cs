using System.Net;
using Coco.Transport;
using Coco.Transport.Discovery;
using Coco.Traversal.Finding;
using Coco.Traversal.Relays;
using Microsoft.Extensions.Logging;

namespace Coco;

/// <summary>Where a <see cref="CocoHost"/> listens, and which ways it uses.</summary>
public sealed record CocoHostOptions
{
    /// <summary>Where to listen. Port 0 lets the system choose; an IPv6 address of all zeros takes IPv4 as well. Default: all addresses of
    /// both families, on a port that the system chooses.</summary>
    public IReadOnlyList<IPEndPoint> ListenAddresses { get; init; } = [];

    /// <summary>Relays the nodes stay connected to, so that others reach them where they cannot do so directly. Default none.</summary>
    public IReadOnlyList<RelayInfo> Relays { get; init; } = [];

    /// <summary>Which ways to other nodes may be used. Default all.</summary>
    public PathPolicy Policy { get; init; } = PathPolicy.Default;

    /// <summary>Whether the default router is asked to map our ports, which makes nodes easier to reach. Default false.</summary>
    public bool MapPorts { get; init; }

    /// <summary>Where the host tells what it does; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>How nodes are found on LANs.</summary>
    internal MulticastOptions Multicast { get; init; } = new();

    /// <summary>All that an endpoint can be told; of what stands above as well, this record's word counts.</summary>
    internal Func<TransportOptions, TransportOptions>? Transport { get; init; }
}
