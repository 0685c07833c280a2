namespace Coco.Traversal.Stun;

/// <summary>Which packets from outside pass (RFC 4787 §5); a firewall without translation has this as well.</summary>
public enum NatFiltering : byte
{
    /// <summary>Not known: no observer could answer from a second address or port.</summary>
    Unknown,

    /// <summary>Everybody's.</summary>
    EndpointIndependent,

    /// <summary>Those of hosts that were sent to; also said when an observer had a second port only, and that passed.</summary>
    AddressDependent,

    /// <summary>Those of hosts and ports that were sent to.</summary>
    AddressAndPortDependent,
}
