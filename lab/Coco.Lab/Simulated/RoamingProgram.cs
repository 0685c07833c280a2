using Coco.Quic.Congestion;
using Coco.Traversal.Links;
using Coco.Traversal.Roaming;

namespace Coco.Lab.Simulated;

/// <summary>A <see cref="RoamingEndpoint"/> as a program of a simulated node.</summary>
internal sealed class RoamingProgram(RoamingEndpoint endpoint) : ISimulatedProgram
{
    public TimeSpan? Deadline => endpoint.Deadline;

    public void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now) => endpoint.HandleNetwork(snapshot, now);

    public void HandleDatagrams(in Link link, Span<byte> data, int segmentSize, EcnCodepoint ecn, TimeSpan now) =>
        endpoint.HandleDatagrams(link, data, segmentSize, ecn, now);

    public void HandleTimeout(TimeSpan now) => endpoint.HandleTimeout(now);

    public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit) => endpoint.TryTakeTransmit(buffer, now, out transmit);

    public bool TryTakeCommand(out HostCommand? command) => endpoint.TryTakeCommand(out command);
}
