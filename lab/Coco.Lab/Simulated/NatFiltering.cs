namespace Coco.Lab.Simulated;

/// <summary>From whom a router lets packets in to a port that leads to somebody (RFC 4787 §5).</summary>
internal enum NatFiltering
{
    /// <summary>Who has been sent to, port and all.</summary>
    AddressAndPortDependent,

    /// <summary>Whose address has been sent to.</summary>
    AddressDependent,

    /// <summary>Everybody.</summary>
    EndpointIndependent,
}
