using Coco.Lab;

namespace Coco.Scenarios.Tests.Discovery;

/// <summary>Namespaces on one switch, 192.0.2.1 and so on, with link-local IPv6. No link leads out.</summary>
internal sealed class LabLan : IDisposable
{
    private readonly NetNamespace _switch;

    public LabLan(int hosts)
    {
        if (LabSupport.Reason is { } reason)
        {
            Assert.False(LabSupport.MustRun, reason);
            Assert.Skip($"NOT TESTED: {reason}");
        }
        _switch = NetNamespace.Create();
        // Without snooping the switch floods multicast from the first packet on, as a simple one does.
        _switch.Ip("link add br0 type bridge mcast_snooping 0\nlink set br0 up\n");
        Hosts = [.. Enumerable.Range(1, hosts).Select(AddHost)];
    }

    public IReadOnlyList<NetNamespace> Hosts { get; }

    public void Dispose()
    {
        foreach (var host in Hosts) { host.Dispose(); }
        _switch.Dispose();
    }

    private NetNamespace AddHost(int number)
    {
        var host = NetNamespace.Create();
        _switch.Ip($"link add port{number} type veth peer name eth0 netns {host.HandlePath}\nlink set port{number} master br0\nlink set port{number} up\n");
        // No duplicate address detection: it would hold the link-local address back for a second.
        host.Run("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad");
        host.Ip($"addr add 192.0.2.{number}/24 dev eth0\nlink set lo up\nlink set eth0 up\n");
        return host;
    }
}
