using Coco.Lab.Nat;
using static Coco.Scenarios.Tests.Kernel.Dependence;

namespace Coco.Scenarios.Tests.Kernel;

/// <summary>The lab's NATs classify as what they are called: a wrong rule set shows here and not as a mystery elsewhere.</summary>
public sealed class NatKindTests
{
    private static readonly Dictionary<NatKind, NatBehaviour> Expected = new()
    {
        [NatKind.None] = new(EndpointIndependent, KeepsPort: true, EndpointIndependent),
        [NatKind.Firewall] = new(EndpointIndependent, KeepsPort: true, AddressAndPortDependent),
        [NatKind.Open] = new(EndpointIndependent, KeepsPort: false, EndpointIndependent),
        [NatKind.AddressRestricted] = new(EndpointIndependent, KeepsPort: false, AddressDependent),
        [NatKind.PortRestricted] = new(EndpointIndependent, KeepsPort: false, AddressAndPortDependent),
        [NatKind.PortPreserving] = new(EndpointIndependent, KeepsPort: true, AddressAndPortDependent),
        [NatKind.Symmetric] = new(AddressAndPortDependent, KeepsPort: false, AddressAndPortDependent),
    };

    [Fact] // RFC 4787 §4.1, §4.2.1, §5
    public async Task Every_kind_maps_and_filters_as_its_name_says()
    {
        using var internet = KernelLab.Create();
        var server = internet.AddServer("server");
        var hosts = Expected.Keys.ToDictionary(kind => kind, kind => internet.AddHome($"{kind}", kind).AddHost($"host of {kind}"));
        internet.Start();

        foreach (var (kind, host) in hosts)
        {
            using var probe = new NatProbe(server);
            Assert.Equal((kind, Expected[kind]), (kind, await probe.ClassifyAsync(host)));
        }
    }
}
