namespace Coco.Lab.Nat;

/// <summary>What of the remote endpoint a NAT's mapping or filtering depends on (RFC 4787 §4.1, §5).</summary>
internal enum Dependence
{
    EndpointIndependent,
    AddressDependent,
    AddressAndPortDependent,
}
