namespace Coco.Traversal.Stun;

/// <summary>What one observer said.</summary>
/// <param name="Observer">The address that was asked.</param>
/// <param name="Mapped">The address it saw.</param>
/// <param name="IsSuspicious">Whether it cannot be how the internet sees this host, and is left out of account.</param>
public readonly record struct ObservedAddress(NetworkAddress Observer, NetworkAddress Mapped, bool IsSuspicious);
