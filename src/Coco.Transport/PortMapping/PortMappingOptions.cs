using System.Net.Sockets;
using Coco.Traversal.PortMapping;

namespace Coco.Transport.PortMapping;

/// <summary>How a <see cref="PortMappingService"/> works.</summary>
internal sealed record PortMappingOptions
{
    /// <summary>What is asked of routers.</summary>
    public PortMapperOptions Mapper { get; init; } = new();

    /// <summary>Makes every socket; in tests one of another network namespace. The system's by default.</summary>
    public Func<AddressFamily, SocketType, ProtocolType, Socket> CreateSocket { get; init; } = (family, type, protocol) => new(family, type, protocol);

    /// <summary>Finds the default routers. The system's by default.</summary>
    public Func<IReadOnlyList<PortGateway>> ReadGateways { get; init; } = DefaultGateways.Read;

    /// <summary>How long an HTTP request may take in all. Default 4 s.</summary>
    public TimeSpan HttpTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
