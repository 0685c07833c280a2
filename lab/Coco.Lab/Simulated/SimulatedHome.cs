using Coco.Lab.Nat;

namespace Coco.Lab.Simulated;

/// <summary>A host of one of the matrix's kinds, with its router if it has one.</summary>
internal sealed class SimulatedHome
{
    private SimulatedHome(SimulatedHost host, SimulatedRouter? router) => (Host, Router) = (host, router);

    public SimulatedHost Host { get; }

    public SimulatedRouter? Router { get; }

    /// <param name="internet">Where.</param>
    /// <param name="kind">What stands between.</param>
    /// <param name="number">From 1 to 250, another for each home: the addresses follow from it.</param>
    /// <param name="change">Changes to the router.</param>
    public static SimulatedHome Add(SimulatedInternet internet, NatKind kind, int number, Func<RouterOptions, RouterOptions>? change = null)
    {
        var name = $"home{number}";
        var host = internet.AddHost(name);
        if (kind is NatKind.None)
        {
            host.Attach(internet.Net, $"203.0.113.{number}");
            return new(host, null);
        }
        var options = OptionsOf(kind);
        var isFirewall = kind is NatKind.Firewall;
        var router = internet.AddRouter($"{name} router", change?.Invoke(options) ?? options, isFirewall ? [] : [$"203.0.113.{number}"]);
        if (isFirewall) { host.Attach(router.Inside, $"203.0.113.{number}"); }
        else { host.Attach(router.Inside, new(), 24, $"192.168.{number}.10"); }
        return new(host, router);
    }

    /// <summary>The router that a kind stands for.</summary>
    public static RouterOptions OptionsOf(NatKind kind) => kind switch
    {
        NatKind.None or NatKind.Firewall => new() { Mapping = NatMapping.None },
        NatKind.Open => new() { Mapping = NatMapping.EndpointIndependent, Filtering = NatFiltering.EndpointIndependent },
        NatKind.AddressRestricted => new() { Mapping = NatMapping.EndpointIndependent, Filtering = NatFiltering.AddressDependent },
        NatKind.PortRestricted => new() { Mapping = NatMapping.EndpointIndependent },
        NatKind.PortPreserving => new(),
        NatKind.Symmetric => new() { Mapping = NatMapping.AddressAndPortDependent },
        NatKind.UdpBlocked => new() { BlocksUdp = true },
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
