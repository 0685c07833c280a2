namespace Coco.Lab.Simulated;

/// <summary>How a router chooses the outer port of a UDP flow (RFC 4787 §4).</summary>
internal enum NatMapping
{
    /// <summary>It does not translate.</summary>
    None,

    /// <summary>A random port for each inner endpoint, the same for all destinations.</summary>
    EndpointIndependent,

    /// <summary>Linux's masquerade: the inner port where that flow is free, else the port the inner endpoint has already, else a random one.</summary>
    PortPreserving,

    /// <summary>A random port for each flow.</summary>
    AddressAndPortDependent,

    /// <summary>The next port for each flow.</summary>
    Sequential,
}
