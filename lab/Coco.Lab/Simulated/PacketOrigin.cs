using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>The host that sent a packet, where it sent it to, and when.</summary>
internal sealed record PacketOrigin(SimulatedHost Host, NetworkAddress Destination, TimeSpan SentAt);
