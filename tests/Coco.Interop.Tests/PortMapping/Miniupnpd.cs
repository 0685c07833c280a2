using System.Diagnostics;
using Coco.Interop.Tests.Processes;
using Coco.Lab;
using Coco.Lab.Kernel;

namespace Coco.Interop.Tests.PortMapping;

/// <summary>miniupnpd in a home's router. It is unpacked by <c>./test</c>, not installed: no daemon may start on the machine itself.</summary>
internal sealed class Miniupnpd : IDisposable
{
    private readonly KernelRouter _router;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coco-miniupnpd");
    private readonly long _started = Stopwatch.GetTimestamp();
    private LabProcess _process;

    public Miniupnpd(KernelRouter router, TwoAddressStun stun, bool listensForStun = true)
    {
        _router = router;
        File.WriteAllText(ConfigurationFile, $"""
            ext_ifname=wan
            listening_ip=lan
            ipv6_disable=yes
            enable_natpmp=yes
            enable_upnp=yes
            secure_mode=yes
            upnp_table_name=miniupnpd
            upnp_nat_table_name=miniupnpd
            min_lifetime=2
            uuid=6a2e5c30-0000-4000-8000-000000000001
            allow 1024-65535 192.168.0.0/16 1024-65535
            deny 0-65535 0.0.0.0/0 0-65535
            ext_perform_stun=yes
            ext_stun_host={stun.Addresses[0]}
            ext_stun_port={TwoAddressStun.Port}

            """);
        ForgetMappings();
        if (listensForStun)
        {
            // Its check needs answers from all four sockets.
            Nft($"insert rule ip fw incoming iifname \"wan\" ip saddr {{ {stun.Addresses[0]}, {stun.Addresses[1]} }} udp sport {{ 3478, 3479 }} accept\n");
        }
        _process = Start();
    }

    /// <summary>The rules it has made now.</summary>
    public string Rules => _router.Namespace.Run("nft", "list", "table", "inet", "miniupnpd");

    public string Output => _process.Output;

    private string ConfigurationFile => Path.Combine(_folder.FullName, "miniupnpd.conf");

    private static string Program => Path.Combine(Needs.Repository, "artifacts/peers/usr/sbin/miniupnpd");

    /// <summary>Skips the test where the daemon or the laboratory cannot be.</summary>
    public static void Need()
    {
        var reason = !File.Exists(Program) ? "miniupnpd is not in artifacts/peers (./test says how)" : LabSupport.ReasonWithout("nft");
        if (reason is null) { return; }
        Assert.False(LabSupport.MustRun, reason);
        Assert.Skip($"NOT TESTED: {reason}");
    }

    /// <summary>Waits until the daemon says a line.</summary>
    public void WaitFor(string text) => _process.WaitForLine(text, TimeSpan.FromSeconds(20));

    /// <summary>Lets the daemon grow so old that its epoch, in seconds and with two of tolerance, can show a restart.</summary>
    public async Task LiveAsync(TimeSpan age)
    {
        while (Stopwatch.GetElapsedTime(_started) < age) { await Task.Delay(100, TestContext.Current.CancellationToken); }
    }

    /// <summary>The router loses power: daemon, rules and flows are gone, and the daemon comes back. Answers the rules of meanwhile.</summary>
    public string Restart()
    {
        _process.Dispose();
        ForgetMappings();
        var rules = Rules; // once it runs again, the mappings may be back before anybody looks
        _process = Start();
        return rules;
    }

    public void Dispose()
    {
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private LabProcess Start() =>
        _router.Namespace.Start(Program, "-d", "-f", ConfigurationFile, "-P", Path.Combine(_folder.FullName, "pid"));

    private void ForgetMappings() => Nft("""
        table inet miniupnpd
        delete table inet miniupnpd
        table inet miniupnpd {
          chain miniupnpd { }
          chain prerouting_miniupnpd { }
          chain postrouting_miniupnpd { }
          chain prerouting { type nat hook prerouting priority dstnat - 5; iifname "wan" jump prerouting_miniupnpd
          }
          chain postrouting { type nat hook postrouting priority srcnat - 5; oifname "wan" jump postrouting_miniupnpd
          }
        }

        """);

    private void Nft(string rules)
    {
        var file = Path.Combine(_folder.FullName, "rules.nft");
        File.WriteAllText(file, rules);
        _router.Namespace.Run("nft", "-f", file);
    }
}
