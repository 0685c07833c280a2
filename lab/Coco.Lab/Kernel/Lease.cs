using System.Net;

namespace Coco.Lab.Kernel;

/// <summary>What a network gives to whoever is plugged into it: addresses with the length of their prefixes, and the way out.</summary>
internal sealed record Lease(IReadOnlyList<(IPAddress Address, int PrefixLength)> Addresses, IPAddress? Ipv4Gateway, IPAddress? Ipv6Gateway)
{
    public IEnumerable<IPAddress> Ipv4 => Addresses.Select(entry => entry.Address).Where(address => !IsIpv6(address));

    public IEnumerable<IPAddress> Ipv6 => Addresses.Select(entry => entry.Address).Where(IsIpv6);

    public static bool IsIpv6(IPAddress address) => address.AddressFamily is System.Net.Sockets.AddressFamily.InterNetworkV6;
}
