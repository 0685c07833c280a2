namespace Coco.Cli.Demo;

/// <summary>
/// A small internet of the kernel's own: six network namespaces, no link of which leads out of them.
/// <code>
///   hub 198.51.100.10 ──── net 198.51.100.1, 203.0.113.1, 203.0.113.5
///                           │                    │
///             203.0.113.2 ra                    rb 203.0.113.6
///           192.168.1.10 alice                  bob 10.0.0.10
/// </code>
/// </summary>
internal sealed class NamespaceGround : DemoGround
{
    private const string Alice = "203.0.113.2";
    private const string Bob = "203.0.113.6";

    private readonly string _name;

    private NamespaceGround(string name) => _name = name;

    public override string Kind => "namespaces";

    public override bool HasRouters => true;

    public override IReadOnlyList<string> Map =>
    [
        "               hub 198.51.100.10    founds the network, and runs a relay",
        "                |",
        "        ---- internet ----",
        "       |                  |",
        "   router 203.0.113.2   router 203.0.113.6",
        "   keeps one port for   takes another port for",
        "   each program         each destination (\"symmetric\")",
        "       |                  |",
        "   alice 192.168.1.10   bob 10.0.0.10",
        "",
        "Both routers translate addresses (NAT) and turn strangers away. All of it is on this machine, in network namespaces that are deleted at the end; the NATs are the kernel's own.",
    ];

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Reason() =>
        !OperatingSystem.IsLinux() ? "network namespaces are Linux's"
        : !Environment.IsPrivilegedProcess ? "making routers takes root"
        : !SystemProgram.IsInstalled("ip") || !SystemProgram.IsInstalled("nft") ? "the programs ip and nft are missing: `apt-get install iproute2 nftables`"
        : null;

    /// <summary>Makes it; null, with the reason, where the system does not let us.</summary>
    public static NamespaceGround? TryCreate(string name, out string? reason)
    {
        var ground = new NamespaceGround(name);
        reason = ground.Build();
        return reason is null ? ground : null;
    }

    public override string[] EntryOf(string node) => [SystemProgram.Find("ip")!, "netns", "exec", Space(node)];

    public override string[] ListeningOf(string node) => node == "hub" ? ["--listen", "198.51.100.10:4400"] : [];

    public override void Cut() => Must(SystemProgram.TryRunWith(DemoRules.Cut(Alice, Bob), "ip", "netns", "exec", Space("net"), "nft", "-f", "-"));

    public override void Mend() => Must(SystemProgram.TryRun("ip", "netns", "exec", Space("net"), "nft", "delete", "table", "ip", "cut"));

    private string Space(string name) => $"{_name}-{name}";

    private static void Must(string? trouble)
    {
        if (trouble is not null) { throw new CommandException(ExitCode.Failed, $"The demo's routers do not obey: {Trouble.Sentence(trouble)}"); }
    }

    private string? Build()
    {
        foreach (var space in (string[])["net", "hub", "ra", "alice", "rb", "bob"])
        {
            if (SystemProgram.TryRun("ip", "netns", "add", Space(space)) is { } trouble) { return trouble; }
        }
        return Cables() ?? Internet() ?? Host("hub", "198.51.100.10/24", "198.51.100.1")
            ?? Router("ra", Alice, "203.0.113.1", "192.168.1.1", DemoRules.OnePortForAll(Alice)) ?? Host("alice", "192.168.1.10/24", "192.168.1.1")
            ?? Router("rb", Bob, "203.0.113.5", "10.0.0.1", DemoRules.PortForEach) ?? Host("bob", "10.0.0.10/24", "10.0.0.1");
    }

    private string? Cables()
    {
        // Both ends are made in place, so that no device is ever in the machine's own namespace.
        string Cable(string at, string end, string to, string other) => $"link add {end} netns {Space(at)} type veth peer name {other} netns {Space(to)}\n";
        return SystemProgram.TryRunWith(
            Cable("net", "hub", "hub", "eth0") + Cable("net", "ra", "ra", "wan") + Cable("net", "rb", "rb", "wan") + Cable("ra", "lan", "alice", "eth0") + Cable("rb", "lan", "bob", "eth0"),
            "ip", "-batch", "-");
    }

    private string? Internet() => Ip("net", "link set lo up", "addr add 198.51.100.1/24 dev hub", "addr add 203.0.113.1/30 dev ra", "addr add 203.0.113.5/30 dev rb",
        "link set hub up", "link set ra up", "link set rb up") ?? Forward("net");

    private string? Host(string name, string address, string gateway) =>
        Ip(name, "link set lo up", $"addr add {address} dev eth0", "link set eth0 up", $"route add default via {gateway}");

    private string? Router(string name, string outer, string gateway, string inner, string rules) =>
        Ip(name, "link set lo up", $"addr add {outer}/30 dev wan", $"addr add {inner}/24 dev lan", "link set wan up", "link set lan up", $"route add default via {gateway}")
        ?? Forward(name)
        ?? SystemProgram.TryRunWith(DemoRules.Firewall + rules, "ip", "netns", "exec", Space(name), "nft", "-f", "-");

    private string? Forward(string name) => SystemProgram.TryRun("ip", "netns", "exec", Space(name), "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");

    private string? Ip(string name, params string[] lines) => SystemProgram.TryRunWith(string.Join('\n', lines) + "\n", "ip", "-n", Space(name), "-batch", "-");
}
