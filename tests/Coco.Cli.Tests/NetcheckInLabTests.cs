using System.Text.Json;
using Coco.Lab;
using Coco.Lab.Kernel;
using Coco.Lab.Nat;

namespace Coco.Cli.Tests;

/// <summary><c>coco netcheck</c> as a process behind a router of the kernel's, with relays that are processes too.</summary>
public sealed class NetcheckInLabTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<IDisposable> _processes = [];

    [Theory]
    [InlineData(NatKind.PortRestricted, "endpoint-independent", "punchable-nat")]
    [InlineData(NatKind.Symmetric, "address-and-port-dependent", "hard-nat")]
    [InlineData(NatKind.None, "none", "public-address")]
    public void The_kind_of_NAT_is_told_by_two_relays(NatKind kind, string mapping, string finding)
    {
        using var internet = Create();
        var (one, other) = (internet.AddServer("one"), internet.AddServer("other"));
        var home = internet.AddHome("home", kind);
        var host = home.AddHost("host");
        internet.Start();

        using var report = Check(host, [StartRelay(one), StartRelay(other)], expected: ExitCode.Ok);

        var ipv4 = report.RootElement.GetProperty("ipv4");
        Assert.Equal(mapping, ipv4.GetProperty("mapping").GetString());
        Assert.Equal(2, ipv4.GetProperty("observers").GetArrayLength());
        Assert.Contains(finding, CodesOf(report));
        Assert.All(report.RootElement.GetProperty("relays").EnumerateArray(), relay =>
        {
            Assert.Equal("udp", relay.GetProperty("transport").GetString());
            Assert.True(relay.GetProperty("tcp").GetBoolean() && relay.GetProperty("websocket").GetBoolean());
        });
        var own = Assert.Single(report.RootElement.GetProperty("interfaces").EnumerateArray(), one => one.GetProperty("address").GetString() == $"{host.Address}");
        Assert.True(own.GetProperty("defaultRoute").GetBoolean());
    }

    [Fact]
    public void Where_UDP_is_blocked_relays_are_reached_by_TCP_and_that_is_said()
    {
        using var internet = Create();
        var server = internet.AddServer("server");
        var host = internet.AddHome("home", NatKind.UdpBlocked).AddHost("host");
        internet.Start();

        using var report = Check(host, [StartRelay(server)], expected: ExitCode.Ok);

        Assert.True(report.RootElement.GetProperty("ipv4").GetProperty("udpBlocked").GetBoolean());
        var relay = Assert.Single(report.RootElement.GetProperty("relays").EnumerateArray());
        Assert.Equal("tcp", relay.GetProperty("transport").GetString());
        Assert.False(relay.GetProperty("udp").GetBoolean());
        Assert.Contains("udp-blocked", CodesOf(report));
        Assert.Contains("relay-without-udp", CodesOf(report));
    }

    [Fact]
    public void A_router_that_opens_no_ports_is_asked_in_vain_and_the_check_ends_in_time()
    {
        using var internet = Create();
        var server = internet.AddServer("server");
        var host = internet.AddHome("home", NatKind.PortRestricted).AddHost("host");
        internet.Start();

        using var report = Check(host, [StartRelay(server)], expected: ExitCode.Ok, "--json");

        Assert.Equal(0, report.RootElement.GetProperty("portMapping").GetProperty("mappings").GetArrayLength());
        Assert.Contains("ports-not-mapped", CodesOf(report));
        Assert.NotEmpty(report.RootElement.GetProperty("defaultRouters").EnumerateArray());
        Assert.InRange(report.RootElement.GetProperty("durationMs").GetDouble(), 0, 10_000);
    }

    public void Dispose()
    {
        foreach (var process in _processes) { process.Dispose(); }
    }

    private static KernelInternet Create()
    {
        var reason = LabSupport.NatReason;
        Assert.False(reason is not null && LabSupport.MustRun, reason);
        Assert.SkipWhen(reason is not null, $"NOT TESTED: {reason}");
        return new();
    }

    /// <summary>Runs a relay on a server, and answers the line that others pass on.</summary>
    private string StartRelay(KernelHost server)
    {
        var process = server.Namespace.Start("dotnet", Program, "relay", "--listen", $"{server.Address}:0", "--websocket", $"{server.Address}:0");
        _processes.Add(process);
        return process.WaitForLine("@", Patience);
    }

    private JsonDocument Check(KernelHost host, IEnumerable<string> relays, ExitCode expected, params string[] options)
    {
        if (options.Length == 0) { options = ["--json", "--no-port-mapping"]; }
        var process = host.Namespace.Start("dotnet", [Program, "netcheck", .. options, .. relays.SelectMany(relay => (string[])["--relay", relay])]);
        _processes.Add(process);
        var exit = process.WaitForExit(Patience);
        Assert.True(exit == (int)expected, process.Output);
        return JsonDocument.Parse(process.Output);
    }

    private static string Program => typeof(CommandLine).Assembly.Location;

    private static IEnumerable<string?> CodesOf(JsonDocument report) =>
        report.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("code").GetString());
}
