using System.Net;
using System.Net.Sockets;
using Coco.Interop.Tests.Processes;
using Coco.Lab;

namespace Coco.Interop.Tests.Stun;

/// <summary>
/// A host, a router that is a NAT, and a server with two addresses:
/// <code>
/// Host eth0 192.168.1.10 ── lan 192.168.1.1 Router wan 203.0.113.1 ── eth0 198.51.100.10, 198.51.100.11 Server
/// </code>
/// </summary>
internal sealed class StunLab : IDisposable
{
    public const string HostAddress = "192.168.1.10";
    public const string OuterAddress = "203.0.113.1";
    public const string FirstAddress = "198.51.100.10";
    public const string SecondAddress = "198.51.100.11";
    public const int FirstPort = 3478; // what the other programs have built in; the namespace is ours alone
    public const int SecondPort = 3479;

    public StunLab(string kind)
    {
        Ipv4Only(Host, Router, Server);
        Router.Run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
        Router.Ip($"link add lan type veth peer name eth0 netns {Host.HandlePath}\nlink add wan type veth peer name eth0 netns {Server.HandlePath}\n");
        Host.Ip($"addr add {HostAddress}/24 dev eth0\nlink set lo up\nlink set eth0 up\nroute add default via 192.168.1.1\n");
        Router.Ip($"addr add 192.168.1.1/24 dev lan\naddr add {OuterAddress}/32 dev wan\nlink set lo up\nlink set lan up\nlink set wan up\nroute add 198.51.100.0/24 dev wan src {OuterAddress}\n");
        Server.Ip($"addr add {FirstAddress}/24 dev eth0\naddr add {SecondAddress}/24 dev eth0\nlink set lo up\nlink set eth0 up\nroute add {OuterAddress}/32 dev eth0\n");
        WaitForCarrier((Router, "lan"), (Router, "wan"), (Host, "eth0"), (Server, "eth0"));
        if (NatRules.Of(kind) is { Length: > 0 } rules) { Load(rules); }
        // Where there is no NAT to stand behind, the host is where it would be.
        (Inside, InsideAddress) = kind is "none" or "firewall" ? (Router, OuterAddress) : (Host, HostAddress);
    }

    public NetNamespace Host { get; } = NetNamespace.Create();

    public NetNamespace Router { get; } = NetNamespace.Create();

    public NetNamespace Server { get; } = NetNamespace.Create();

    /// <summary>Where the one stands who wants to know its NAT.</summary>
    public NetNamespace Inside { get; }

    public string InsideAddress { get; }

    /// <summary>Skips the test where the lab or a program is missing; fails it where CI says they must be there.</summary>
    public static void Needs(params ReadOnlySpan<string> programs)
    {
        var reason = LabSupport.ReasonWithout(["ip", "nft", "nsenter", .. programs]);
        if (reason is null) { return; }
        Assert.False(LabSupport.MustRun, $"NOT TESTED: {reason}");
        Assert.Skip($"NOT TESTED: {reason}");
    }

    public static Socket Bind(NetNamespace space, string address, int port = 0)
    {
        var socket = space.CreateUdpSocket();
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        socket.Blocking = false;
        return socket;
    }

    /// <summary>Starts coturn on both addresses, and both ports of each.</summary>
    public LabProcess StartCoturn()
    {
        var coturn = Server.Start(
            "turnserver", "-n", "-S", "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout", "--pidfile", "/dev/null",
            "-L", FirstAddress, "-L", SecondAddress);
        coturn.WaitForLine("Total General servers", TimeSpan.FromSeconds(20));
        return coturn;
    }

    /// <summary>Starts a server of RFC 3489 on both addresses and both ports of each.</summary>
    public LabProcess StartStund()
    {
        var stund = Server.Start("stund", "-h", FirstAddress, "-a", SecondAddress);
        var deadline = Deadline.In(TimeSpan.FromSeconds(20));
        while (Server.Run("cat", "/proc/net/udp").Split('\n').Count(line => line.Contains(":0D96 ", StringComparison.Ordinal) || line.Contains(":0D97 ", StringComparison.Ordinal)) < 4)
        {
            Assert.False(deadline.IsOver || stund.HasExited, $"stund does not listen: {stund.Output}");
        }
        return stund;
    }

    public void Dispose()
    {
        Host.Dispose();
        Router.Dispose();
        Server.Dispose();
    }

    private static void Ipv4Only(params ReadOnlySpan<NetNamespace> spaces)
    {
        foreach (var space in spaces) { space.Run("sh", "-c", "for i in all default; do echo 1 > /proc/sys/net/ipv6/conf/$i/disable_ipv6; done"); }
    }

    // The kernel notices in its own time, up to a second later, that both ends are up; until then it drops what is sent.
    private static void WaitForCarrier(params ReadOnlySpan<(NetNamespace Space, string Device)> ends)
    {
        var deadline = Deadline.In(TimeSpan.FromSeconds(10));
        foreach (var (space, device) in ends)
        {
            while (!space.Run("ip", "-br", "link", "show", "dev", device).Contains(" UP ", StringComparison.Ordinal)) { Assert.False(deadline.IsOver, $"{device} has no carrier"); }
        }
    }

    private void Load(string rules)
    {
        using var nft = Router.Start("nft", "-f", "-");
        nft.Input.Write(rules);
        nft.Input.Close();
        Assert.True(nft.WaitForExit(TimeSpan.FromSeconds(10)) == 0, nft.Output);
    }
}
