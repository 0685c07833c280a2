namespace Coco.Traversal.PortMapping;

/// <summary>How a router is asked for a mapping, in the order in which we ask.</summary>
internal enum PortMappingProtocol
{
    /// <summary>Port Control Protocol (RFC 6887).</summary>
    Pcp,

    /// <summary>NAT Port Mapping Protocol (RFC 6886).</summary>
    NatPmp,

    /// <summary>UPnP Internet Gateway Device, versions 1 and 2.</summary>
    Upnp,
}
