namespace Coco.Traversal.Stun;

/// <summary>How a NAT chooses the outer address of an inner one (RFC 4787 §4.1).</summary>
public enum NatMapping : byte
{
    /// <summary>Not known: nobody, or only one observer with one address, answered.</summary>
    Unknown,

    /// <summary>No NAT: others see the host's own address.</summary>
    None,

    /// <summary>One outer address for all remote ones: who learned it from one observer can be reached by others.</summary>
    EndpointIndependent,

    /// <summary>Another outer address for each remote host.</summary>
    AddressDependent,

    /// <summary>Another outer address for each remote host and port, "symmetric"; also said when only two hosts could be compared.</summary>
    AddressAndPortDependent,
}
