using System.Diagnostics;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Coco.Transport.Udp;
using Coco.Traversal.Links;

namespace Coco.Transport.Network;

/// <summary>Reads the system's list of interfaces.</summary>
internal static class SystemInterfaces
{
    /// <summary>As many as a core takes (<see cref="NetworkSnapshot"/>).</summary>
    public const int MaxAddresses = 64;

    // Chosen: a process may have hundreds of endpoints, all of which look when the system says that something changed, and each few seconds. Shorter than
    // what they wait after such a notice, so that what is shared was read after it.
    private static readonly TimeSpan SharedFor = TimeSpan.FromMilliseconds(50);

    private static readonly Lock SharedLock = new(); // guards the two below; whoever comes while one reads waits for what that one finds
    private static IReadOnlyList<InterfaceAddress> _shared = [];
    private static long _sharedAt = -1; // a Stopwatch time; less than zero before the first

    /// <summary>What was read within the last 50 ms by any caller of this, or else now. Only for threads of the process's own network.</summary>
    public static IReadOnlyList<InterfaceAddress> ReadShared()
    {
        lock (SharedLock)
        {
            if (_sharedAt >= 0 && Stopwatch.GetElapsedTime(_sharedAt) < SharedFor) { return _shared; }
            _shared = Read();
            _sharedAt = Stopwatch.GetTimestamp();
            return _shared;
        }
    }

    /// <summary>What is so now.</summary>
    public static IReadOnlyList<InterfaceAddress> Read()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces()
                .Where(card => card.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                .Where(card => card.NetworkInterfaceType is not NetworkInterfaceType.Loopback)
                .SelectMany(AddressesOf)
                .OrderByDescending(address => address.HasDefaultRoute) // stable: of equals, the system's order
                .Take(MaxAddresses)
                .ToArray();
        }
        catch (NetworkInformationException)
        {
            return []; // forbidden in some containers; observers still tell our address
        }
    }

    private static IEnumerable<InterfaceAddress> AddressesOf(NetworkInterface card)
    {
        var properties = card.GetIPProperties();
        foreach (var unicast in properties.UnicastAddresses)
        {
            var family = unicast.Address.AddressFamily;
            if (family is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)) { continue; }
            var (index, mtu) = NumbersOf(card, properties, family);
            yield return new(
                unicast.Address.ToNetworkAddress(), unicast.PrefixLength, index, card.Name, HasDefaultRoute(properties, family), mtu);
        }
    }

    private static bool HasDefaultRoute(IPInterfaceProperties properties, AddressFamily family) =>
        properties.GatewayAddresses.Any(gateway => gateway.Address.AddressFamily == family);

    private static (int Index, int Mtu) NumbersOf(NetworkInterface card, IPInterfaceProperties properties, AddressFamily family)
    {
        try
        {
            if (family is AddressFamily.InterNetwork && card.Supports(NetworkInterfaceComponent.IPv4))
            {
                var ipv4 = properties.GetIPv4Properties();
                return (ipv4.Index, Math.Max(0, ipv4.Mtu));
            }
            var ipv6 = properties.GetIPv6Properties();
            return (ipv6.Index, Math.Max(0, ipv6.Mtu));
        }
        catch (Exception exception) when (exception is NetworkInformationException or PlatformNotSupportedException)
        {
            return (0, 0);
        }
    }
}
