namespace Coco.Transport.Netcheck;

/// <summary>One way to a relay that was tried.</summary>
/// <param name="Transport">How.</param>
/// <param name="Target">The address or URL.</param>
/// <param name="IsReached">Whether somebody there proved the relay's identity.</param>
/// <param name="Latency">The shortest round trip seen; null when not reached.</param>
/// <param name="Failure">Why not, for people; null when reached.</param>
public sealed record RelayAttempt(RelayTransport Transport, string Target, bool IsReached, TimeSpan? Latency, string? Failure);
