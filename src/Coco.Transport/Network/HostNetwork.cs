using System.Net;
using System.Net.Sockets;
using Coco.Transport.Udp;
using Coco.Traversal.Links;

namespace Coco.Transport.Network;

/// <summary>
/// Where an endpoint gets its sockets and learns of its addresses: the system, or in tests a network namespace. An endpoint makes
/// no socket in any other way.
/// </summary>
internal abstract class HostNetwork : IDisposable
{
    /// <summary>Interfaces or addresses have changed, or the machine woke from sleep. From any thread.</summary>
    public event EventHandler? Changed;

    /// <summary>Opens a UDP socket that is bound to an address; an IPv6 address of all zeros takes IPv4 as well.</summary>
    public abstract UdpChannel CreateUdp(IPEndPoint local, UdpChannelOptions options);

    /// <summary>Makes a TCP socket, neither bound nor connected.</summary>
    public abstract Socket CreateTcpSocket(AddressFamily family);

    /// <summary>The addresses of interfaces that are up, without loopback, those with a default route first.</summary>
    public abstract IReadOnlyList<InterfaceAddress> GetInterfaces();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected void OnChanged() => Changed?.Invoke(this, EventArgs.Empty);

    protected abstract void Dispose(bool disposing);
}
