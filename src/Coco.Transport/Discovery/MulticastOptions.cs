using System.Net;
using System.Net.Sockets;
using Coco.Transport.Network;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Transport.Discovery;

/// <summary>Where and how a <see cref="MulticastService"/> multicasts. The defaults are multicast DNS (RFC 6762 §3).</summary>
internal sealed record MulticastOptions
{
    /// <summary>The group of IPv4.</summary>
    public IPAddress Ipv4Group { get; init; } = IPAddress.Parse("224.0.0.251");

    /// <summary>The group of IPv6.</summary>
    public IPAddress Ipv6Group { get; init; } = IPAddress.Parse("ff02::fb");

    /// <summary>The port. From 1 to 65,535, default 5353.</summary>
    public int Port { get; init => field = Guard.InRange(value, 1, 65_535); } = 5353;

    /// <summary>Interfaces used; each has a socket of each family. From 1 to 64, default 16.</summary>
    public int MaxInterfaces { get; init => field = Guard.InRange(value, 1, 64); } = 16;

    /// <summary>Makes a UDP socket, neither bound nor connected.</summary>
    public Func<AddressFamily, Socket> CreateSocket { get; init; } = family => new(family, SocketType.Dgram, ProtocolType.Udp);

    /// <summary>Reads the addresses of the interfaces that are up.</summary>
    public Func<IReadOnlyList<InterfaceAddress>> ReadInterfaces { get; init; } = SystemInterfaces.Read;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
