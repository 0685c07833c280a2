using System.Net;

namespace Coco.Lab;

/// <summary>
/// Two namespaces and the cable between them:
/// <code>
/// Left eth0 198.51.100.1/24 ──────── eth0 198.51.100.2/24 Right      MTU 1500
/// </code>
/// </summary>
public sealed class VethPair : IDisposable
{
    public VethPair(VethMode mode = VethMode.Offloaded)
    {
        // The peer's end is made in place, so no device is ever in the machine's own namespace.
        Left.Ip($"link add eth0 mtu 1500 type veth peer name eth0 mtu 1500 netns {Right.HandlePath}\n");
        Left.Ip($"addr add {LeftAddress}/24 dev eth0\nlink set lo up\nlink set eth0 up\n");
        Right.Ip($"addr add {RightAddress}/24 dev eth0\nlink set lo up\nlink set eth0 up\n");
        if (mode is not VethMode.Offloaded) { SetMode(mode); }
    }

    public NetNamespace Left { get; } = NetNamespace.Create();

    public NetNamespace Right { get; } = NetNamespace.Create();

    public IPAddress LeftAddress { get; } = IPAddress.Parse("198.51.100.1");

    public IPAddress RightAddress { get; } = IPAddress.Parse("198.51.100.2");

    /// <summary>Changes how packets cross, also while something runs. Needs ethtool.</summary>
    public void SetMode(VethMode mode)
    {
        string[] features = mode switch
        {
            VethMode.Offloaded => ["tso", "on", "gso", "on", "gro", "off", "tx-udp-segmentation", "on"],
            VethMode.Segmented => ["tso", "off", "gso", "on", "gro", "on", "tx-udp-segmentation", "off"],
            VethMode.Plain => ["tso", "off", "gso", "off", "gro", "off", "tx-udp-segmentation", "off"],
            _ => throw new ArgumentOutOfRangeException(nameof(mode)),
        };
        Left.Run("ethtool", ["-K", "eth0", .. features]);
        Right.Run("ethtool", ["-K", "eth0", .. features]);
    }

    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
    }
}
