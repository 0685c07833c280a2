using Coco.Traversal.Links;

namespace Coco.Traversal.Finding;

/// <summary>How the path in use does, as the connection sees it.</summary>
/// <param name="Path">The path in use.</param>
/// <param name="ProbeTimeouts">Probe timeouts in a row without an acknowledgement of anything new (RFC 9002 §6.2). The second comes three PTO after
/// the packet that was not acknowledged.</param>
/// <param name="ProbeTimeout">One PTO without backoff.</param>
/// <param name="IsInFlight">Whether something waits for its acknowledgement.</param>
/// <param name="SinceReceived">Time since the last packet of the peer's on any path.</param>
/// <param name="WantsToSend">Whether the application has just given data to send.</param>
/// <param name="Rtt">The connection's smoothed round-trip time there; zero when it has none.</param>
internal readonly record struct PathHealth(
    PathAddress Path, int ProbeTimeouts, TimeSpan ProbeTimeout, bool IsInFlight, TimeSpan SinceReceived, bool WantsToSend, TimeSpan Rtt = default);
