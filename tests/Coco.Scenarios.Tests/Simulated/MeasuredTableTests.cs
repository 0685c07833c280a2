using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>
/// The punching table as measured with the kernel's NATs, with more profiles than the matrix has kinds. The row begins, 10 ms earlier.
/// </summary>
public sealed class MeasuredTableTests
{
    private static readonly RouterOptions Masquerade = new();
    private static readonly RouterOptions Full = new() { Mapping = NatMapping.EndpointIndependent, Filtering = NatFiltering.EndpointIndependent };
    private static readonly RouterOptions Port = new() { Mapping = NatMapping.EndpointIndependent };
    private static readonly RouterOptions Symmetric = new() { Mapping = NatMapping.AddressAndPortDependent };

    // From the host to the internet; nothing for a public address.
    private static readonly Dictionary<string, (int Group, RouterOptions[] Routers)> Profiles = new(StringComparer.Ordinal)
    {
        ["full"] = (0, [Full]),
        ["full, port kept"] = (0, [Masquerade with { Filtering = NatFiltering.EndpointIndependent }]),
        ["address"] = (1, [Full with { Filtering = NatFiltering.AddressDependent }]),
        ["port"] = (2, [Port]),
        ["masquerade"] = (2, [Masquerade]),
        ["symmetric"] = (3, [Symmetric]),
        ["sequential"] = (3, [new() { Mapping = NatMapping.Sequential }]),
        ["masquerade, open input"] = (4, [Masquerade with { AcceptsUnsolicited = true }]),
        ["port behind port"] = (5, [Port, Port]),
        ["port behind full"] = (5, [Port, Full]),
        ["full behind symmetric"] = (6, [Full, Symmetric]),
        ["symmetric, open filter"] = (7, [Symmetric with { Filtering = NatFiltering.EndpointIndependent }]),
        ["public"] = (8, []),
    };

    private static readonly string[] Measured =
    [
        "+++++++++",
        "+++++++++",
        "+++--+-++",
        "++-----++",
        "+++--+-++",
        "+++--+-++",
        "++-----++",
        "+++++++++",
        "+++++++++",
    ];

    public static TheoryData<string> Rows => [.. Profiles.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Punching_connects_what_it_connected_in_the_kernel(string row)
    {
        foreach (var column in Profiles.Keys)
        {
            var internet = new SimulatedInternet(1);
            var (a, b) = (Add(internet, row, 1), Add(internet, column, 2));
            var connects = PunchCell.Punch(internet, a, b, TimeSpan.FromMilliseconds(10)) is not null;
            var measured = Measured[Profiles[row].Group][Profiles[column].Group] == '+';
            Assert.True(measured == connects, $"{row} x {column}: {(connects ? "connects" : "fails")}");
        }
    }

    private static SimulatedHost Add(SimulatedInternet internet, string profile, int number)
    {
        var net = internet.Net;
        var address = $"203.0.113.{number}";
        var depth = 0;
        foreach (var options in Profiles[profile].Routers.Reverse())
        {
            net = internet.AddRouter($"{profile} {number}", options, net, address).Inside;
            address = $"10.{++depth}.{number}.10";
        }
        var host = internet.AddHost($"host {number}");
        host.Attach(net, address);
        return host;
    }
}
