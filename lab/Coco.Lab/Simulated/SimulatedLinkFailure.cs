namespace Coco.Lab.Simulated;

/// <summary>Why a TCP connection did not open or has ended.</summary>
internal enum SimulatedLinkFailure
{
    /// <summary>The other side closed it in order.</summary>
    Closed,

    /// <summary>Nobody listens there, or somebody on the way says no.</summary>
    Refused,

    TimedOut,

    /// <summary>No route, or no such name.</summary>
    Unreachable,

    /// <summary>The port to connect from is taken.</summary>
    PortTaken,
}
