using System.Net;
using Coco.Cluster.Discovery;
using Coco.Crypto;
using Coco.Transport.Discovery;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;

namespace Coco.Discovery;

/// <summary>Lets <see cref="LanDiscovery"/> of one node run on the multicast sockets of this machine, under the key its network has at the time, and
/// hands on whom it finds.</summary>
/// <param name="self">The node.</param>
/// <param name="endPoints">Where it listens.</param>
/// <param name="policy">Which of its addresses may be told.</param>
/// <param name="found">Told of each member that is found, on the service's loop.</param>
internal sealed class LanNeighbourhood(NodeId self, IReadOnlyList<IPEndPoint> endPoints, PathPolicy policy, Action<LanEvent.Found> found) : IMulticastCore
{
    private DiscoveryKey? _wanted;
    private DiscoveryKey? _key;
    private LanDiscovery? _discovery;

    /// <summary>What members recognise each other by from the next <see cref="HandleNetwork"/> on; null for nothing, when there is nobody to find. From any
    /// thread.</summary>
    public DiscoveryKey? Key { set => Volatile.Write(ref _wanted, value); }

    public TimeSpan Deadline => _discovery?.Deadline ?? TimeSpan.MaxValue;

    public void HandleNetwork(IReadOnlyList<InterfaceAddress> interfaces, TimeSpan now)
    {
        var wanted = Volatile.Read(ref _wanted);
        if (!ReferenceEquals(_key, wanted))
        {
            // The old name is left to expire unsaid: a goodbye beside the new one would tie one to the other, and who has lost the key to both.
            _discovery = wanted is null ? null : new(wanted, self, RandomSource.System, new(), now);
            _key = wanted;
        }
        InterfaceAddress[] allowed = [.. interfaces.Where(one => !one.Address.IsLoopback && policy.AllowsInterface(one.InterfaceName))];
        _discovery?.HandleNetwork(allowed, [.. allowed.Where(one => policy.Allows(one.Address)).SelectMany(ListeningAt)], now);
    }

    public void HandleDatagram(int interfaceIndex, in NetworkAddress from, ReadOnlySpan<byte> datagram, TimeSpan now) =>
        _discovery?.HandleDatagram(interfaceIndex, from, datagram, now);

    public void HandleTimeout(TimeSpan now) => _discovery?.HandleTimeout(now);

    public void Stop() => _discovery?.Stop();

    public bool TryTakeDatagram(out MulticastDatagram datagram)
    {
        datagram = default;
        if (_discovery is null || !_discovery.TryTakeDatagram(out var taken)) { return false; }
        datagram = new(taken.InterfaceIndex, taken.IsIpv6, taken.Payload);
        return true;
    }

    public void DrainEvents()
    {
        while (_discovery is not null && _discovery.TryTakeEvent(out var happened))
        {
            if (happened is LanEvent.Found one) { found(one); }
        }
    }

    // The ports at which an interface's address is listened to: one socket of IPv6 may take IPv4 as well.
    private IEnumerable<NetworkAddress> ListeningAt(InterfaceAddress one)
    {
        foreach (var endPoint in endPoints)
        {
            var listens = endPoint.Address.Equals(IPAddress.IPv6Any)
                || (endPoint.Address.Equals(IPAddress.Any) ? one.Address.IsIpv4 : endPoint.ToNetworkAddress().WithPort(0) == one.Address.WithPort(0));
            if (listens) { yield return one.Address.WithPort(endPoint.Port); }
        }
    }
}
