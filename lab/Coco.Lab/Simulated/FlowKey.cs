using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>What packets of one direction of a flow have in common.</summary>
internal readonly record struct FlowKey(PacketProtocol Protocol, NetworkAddress Source, NetworkAddress Destination)
{
    public static FlowKey Of(SimulatedPacket packet) => new(packet.Protocol, packet.Source, packet.Destination);
}
