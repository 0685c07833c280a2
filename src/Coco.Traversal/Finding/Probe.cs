namespace Coco.Traversal.Finding;

/// <summary>A probe that the peer has sealed and that was not seen before.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Counter">The sender's number of it.</param>
/// <param name="Echo">Of an answer: the number of the ping.</param>
/// <param name="Observed">Of an answer: where the ping was seen to come from.</param>
/// <param name="IsWide">Whether its datagram was as long as those of QUIC's validation.</param>
internal readonly record struct Probe(ProbeKind Kind, ulong Counter, ulong Echo = 0, NetworkAddress Observed = default, bool IsWide = false);
