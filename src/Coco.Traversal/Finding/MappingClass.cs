namespace Coco.Traversal.Finding;

/// <summary>How a node's NAT chooses outer ports (RFC 4787 §4.1). The numbers are on the wire.</summary>
internal enum MappingClass : byte
{
    Unknown = 0,

    /// <summary>There is no translation: inner and outer address are the same.</summary>
    None = 1,

    /// <summary>One outer port for all destinations.</summary>
    EndpointIndependent = 2,

    /// <summary>Another one for another destination address, or address and port.</summary>
    Dependent = 3,
}
