namespace Coco.Lab.Nat;

/// <summary>What a probe finds of a NAT, in the words of RFC 4787 §4.1, §4.2.1 and §5.</summary>
internal sealed record NatBehaviour(Dependence Mapping, bool KeepsPort, Dependence Filtering)
{
    /// <summary>What each kind is: the list that the kernel's NATs and the simulated ones are both held to. Without UDP there is nothing to find.</summary>
    public static IReadOnlyDictionary<NatKind, NatBehaviour> Expected { get; } = new Dictionary<NatKind, NatBehaviour>
    {
        [NatKind.None] = new(Dependence.EndpointIndependent, KeepsPort: true, Dependence.EndpointIndependent),
        [NatKind.Firewall] = new(Dependence.EndpointIndependent, KeepsPort: true, Dependence.AddressAndPortDependent),
        [NatKind.Open] = new(Dependence.EndpointIndependent, KeepsPort: false, Dependence.EndpointIndependent),
        [NatKind.AddressRestricted] = new(Dependence.EndpointIndependent, KeepsPort: false, Dependence.AddressDependent),
        [NatKind.PortRestricted] = new(Dependence.EndpointIndependent, KeepsPort: false, Dependence.AddressAndPortDependent),
        [NatKind.PortPreserving] = new(Dependence.EndpointIndependent, KeepsPort: true, Dependence.AddressAndPortDependent),
        [NatKind.Symmetric] = new(Dependence.AddressAndPortDependent, KeepsPort: false, Dependence.AddressAndPortDependent),
    };
}
