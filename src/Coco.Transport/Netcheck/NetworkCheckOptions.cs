using System.Net;
using Coco.Transport.PortMapping;
using Coco.Traversal.Relays;
using Microsoft.Extensions.Logging;

namespace Coco.Transport.Netcheck;

/// <summary>Whom a <see cref="NetworkCheck"/> may ask. It talks to nobody else: there are no servers by default.</summary>
public sealed record NetworkCheckOptions
{
    /// <summary>Relays and STUN servers that can be given, of each.</summary>
    public const int MaxServers = 8;

    /// <summary>Relays to be reached by each of their addresses and kinds; they are asked for the address they see as well. At most
    /// <see cref="MaxServers"/>. Default none.</summary>
    public IReadOnlyList<RelayInfo> Relays { get; init => field = AtMost(value, nameof(Relays)); } = [];

    /// <summary>STUN servers to be asked for the address they see, and, where they name a second address of theirs (RFC 5780), what the
    /// NAT lets in. At most <see cref="MaxServers"/>. Default none.</summary>
    public IReadOnlyList<IPEndPoint> StunServers { get; init => field = AtMost(value, nameof(StunServers)); } = [];

    /// <summary>Whether the default routers are asked to open a port, which is closed again at once. Default true.</summary>
    public bool MapsPorts { get; init; } = true;

    /// <summary>Time for everything. From 1 s to 1 minute, default 10 s. The last fifth is for closing what was opened.</summary>
    public TimeSpan Timeout
    {
        get;
        init => field = value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromMinutes(1)
            ? value : throw new ArgumentOutOfRangeException(nameof(Timeout), value, "The time must be from 1 second to 1 minute.");
    } = TimeSpan.FromSeconds(10);

    /// <summary>Where the check tells what it does; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    internal PortMappingOptions PortMapping { get; init; } = new();

    private static IReadOnlyList<T> AtMost<T>(IReadOnlyList<T> list, string name)
    {
        ArgumentNullException.ThrowIfNull(list, name);
        return list.Count <= MaxServers ? list : throw new ArgumentException($"At most {MaxServers} can be given.", name);
    }
}
