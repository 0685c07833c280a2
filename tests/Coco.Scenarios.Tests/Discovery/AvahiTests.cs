using Coco.Cluster.Discovery;
using Coco.Lab;

namespace Coco.Scenarios.Tests.Discovery;

/// <summary>Avahi hears us and we live beside it: its daemon in a namespace, without D-Bus, its port the same as ours.</summary>
public sealed class AvahiTests
{
    [Fact]
    public async Task Avahi_takes_our_records_for_multicast_DNS_and_shares_the_port_with_us()
    {
        if (LabSupport.ReasonWithout("avahi-daemon") is { } reason)
        {
            Assert.False(LabSupport.MustRun, reason);
            Assert.Skip($"NOT TESTED: {reason}");
        }
        using var lan = new LabLan(2);
        var folder = Directory.CreateTempSubdirectory("coco-avahi");
        try
        {
            var configuration = Path.Combine(folder.FullName, "avahi-daemon.conf");
            await File.WriteAllTextAsync(configuration, "[server]\nhost-name=peer\nenable-dbus=no\nuse-ipv6=yes\n[wide-area]\nenable-wide-area=no\n[publish]\npublish-workstation=yes\n[rlimits]\n");
            using var avahi = lan.Hosts[1].Start("unshare", "--mount", "sh", "-c",
                $"mount -t tmpfs tmpfs /run && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits --debug -f {configuration}");
            avahi.WaitForLine("Server startup complete", TimeSpan.FromSeconds(20));

            // On the daemon's own machine: one port, two programs, and both hear what comes.
            await using var beside = new LabMember(lan.Hosts[1], key: 1, node: 2);
            await using var ada = new LabMember(lan.Hosts[0], key: 1, node: 1);
            Assert.Equal(beside.Id, Assert.IsType<LanEvent.Found>(await ada.NextAsync()).Node);
            Assert.Equal(ada.Id, Assert.IsType<LanEvent.Found>(await beside.NextAsync()).Node);

            // Asked by a signal, the daemon prints the records it has heard.
            lan.Hosts[1].Run("kill", "-USR1", avahi.Id.ToString());
            avahi.WaitForLine($"_coco._udp.local\tIN\tPTR {ada.Instance}._coco._udp.local", TimeSpan.FromSeconds(20));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
