namespace Coco.Traversal.Stun;

/// <summary>What was seen from one endpoint.</summary>
/// <param name="Observer">The observer as it was given, whose word it is.</param>
/// <param name="Endpoint">The address of it that was asked: itself or its other one.</param>
/// <param name="Mapped">Our address, as it appeared there.</param>
internal readonly record struct NatObservation(NetworkAddress Observer, NetworkAddress Endpoint, NetworkAddress Mapped)
{
    /// <summary>Whether the observer was asked at the address it was given by.</summary>
    public bool IsFirst => Observer == Endpoint;
}
