using Coco.Cluster.Discovery;
using Coco.Cluster.Tests.Invitations;
using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Cluster.Tests.Discovery;

internal static class LanSamples
{
    public static DiscoveryKey Key(byte number) => new(Enumerable.Repeat(number, DiscoveryKey.Size).ToArray());

    public static NetworkAddress Address(string text)
    {
        Assert.True(NetworkAddress.TryParse(text, out var address));
        return address;
    }

    public static LanDiscovery Start(byte key, int node, LanDiscoveryOptions? options = null)
    {
        var discovery = new LanDiscovery(Key(key), InvitationSamples.Id(node), new SeededRandomSource((ulong)node), options ?? new(), TimeSpan.Zero);
        discovery.HandleNetwork([Interface(node)], [Address($"192.0.2.{node}:4000"), Address("[fe80::1]:4000")], TimeSpan.Zero);
        return discovery;
    }

    public static InterfaceAddress Interface(int node) => new(Address($"192.0.2.{node}:0"), 24, 2, "eth0");
}
