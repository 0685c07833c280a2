using Coco.Cluster.Discovery;
using Coco.Transport.Discovery;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Discovery;

/// <summary>Lets <see cref="LanDiscovery"/> of one network run on the multicast sockets of this machine, and hands on whom it finds.</summary>
/// <param name="discovery">The core.</param>
/// <param name="port">The port at which the node is reached at each address of the machine.</param>
/// <param name="found">Told of each member that is found, on the service's loop.</param>
internal sealed class LanNeighbourhood(LanDiscovery discovery, int port, Action<LanEvent.Found> found) : IMulticastCore
{
    public TimeSpan Deadline => discovery.Deadline;

    public void HandleNetwork(IReadOnlyList<InterfaceAddress> interfaces, TimeSpan now) =>
        discovery.HandleNetwork(interfaces, [.. interfaces.Where(one => !one.Address.IsLoopback).Select(one => one.Address.WithPort(port))], now);

    public void HandleDatagram(int interfaceIndex, in NetworkAddress from, ReadOnlySpan<byte> datagram, TimeSpan now) =>
        discovery.HandleDatagram(interfaceIndex, from, datagram, now);

    public void HandleTimeout(TimeSpan now) => discovery.HandleTimeout(now);

    public void Stop() => discovery.Stop();

    public bool TryTakeDatagram(out MulticastDatagram datagram)
    {
        datagram = default;
        if (!discovery.TryTakeDatagram(out var taken)) { return false; }
        datagram = new(taken.InterfaceIndex, taken.IsIpv6, taken.Payload);
        return true;
    }

    public void DrainEvents()
    {
        while (discovery.TryTakeEvent(out var happened))
        {
            if (happened is LanEvent.Found one) { found(one); }
        }
    }
}
