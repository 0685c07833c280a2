using Coco.Quic.Congestion;
using Coco.Traversal;
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

    public bool TryTakeForward(out LinkTransmit transmit, out int offset) => endpoint.TryTakeForward(out transmit, out offset);

    public void HandleLinkOpened(int request, in Link link, TimeSpan now) => endpoint.HandleLinkOpened(request, link, now);

    public void HandleLinkAccepted(in Link link, TimeSpan now) => endpoint.HandleLinkAccepted(link, now);

    public void HandleLinkFailed(int request, LinkFailure failure, TimeSpan now) => endpoint.HandleLinkFailed(request, failure, now);

    public void HandleLinkClosed(in Link link, TimeSpan now) => endpoint.HandleLinkClosed(link, now);

    public void HandleSocketsOpened(int request, ReadOnlySpan<LocalSocket> sockets, TimeSpan now) => endpoint.HandleSocketsOpened(request, sockets, now);

    public void HandlePortMappings(IReadOnlyList<NetworkAddress> external, TimeSpan now) => endpoint.HandlePortMappings(external, now);
}
