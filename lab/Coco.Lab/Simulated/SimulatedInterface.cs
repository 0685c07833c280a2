using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>An interface of a simulated host: a cable into a net, and the addresses it has there.</summary>
internal sealed class SimulatedInterface(int index, SimulatedCable cable)
{
    private const int DefaultMtu = 1500;

    private readonly List<NetworkAddress> _addresses = [];

    public int Index { get; } = index;

    public string Name => $"eth{Index}";

    public SimulatedCable Cable { get; } = cable;

    public IReadOnlyList<NetworkAddress> Addresses => _addresses;

    /// <summary>Bits of the network's part of an IPv4 address; IPv6 has 64.</summary>
    public int PrefixLength { get; init; } = 32;

    /// <summary>Largest IP packet as the system knows it: a black hole is not known.</summary>
    public int Mtu => Cable.Up.Options.ReportsTooBig ? Cable.Up.Options.Mtu : DefaultMtu;

    public bool HasDefaultRoute { get; set; } = true;

    /// <summary>The address to send from, or null when this interface does not lead there.</summary>
    public NetworkAddress? SourceFor(in NetworkAddress destination, bool onlyNeighbours)
    {
        if (!onlyNeighbours && !HasDefaultRoute) { return null; }
        foreach (var address in _addresses)
        {
            if (address.IsIpv4 != destination.IsIpv4) { continue; }
            if (!onlyNeighbours || address.SharesPrefix(destination, destination.IsIpv4 ? PrefixLength : 64)) { return address; }
        }
        return null;
    }

    public void Add(NetworkAddress address)
    {
        Cable.Net.Add(address, Cable);
        _addresses.Add(address);
    }

    public void Remove(NetworkAddress address)
    {
        if (_addresses.Remove(address)) { Cable.Net.Remove(address); }
    }
}
