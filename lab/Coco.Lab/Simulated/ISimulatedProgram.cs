using Coco.Quic.Congestion;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Lab.Simulated;

/// <summary>A core that a <see cref="SimulatedNode"/> drives, as the real host drives it. What a core has no use for it leaves out.</summary>
internal interface ISimulatedProgram
{
    public TimeSpan? Deadline { get; }

    public void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now);

    public void HandleDatagrams(in Link link, Span<byte> data, int segmentSize, EcnCodepoint ecn, TimeSpan now);

    public void HandleTimeout(TimeSpan now);

    public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit);

    public bool TryTakeCommand(out HostCommand? command);

    /// <summary>Datagrams to pass on, inside the buffer just handed in, from an offset on.</summary>
    public bool TryTakeForward(out LinkTransmit transmit, out int offset)
    {
        (transmit, offset) = (default, 0);
        return false;
    }

    public void HandleLinkOpened(int request, in Link link, TimeSpan now)
    {
    }

    public void HandleLinkAccepted(in Link link, TimeSpan now)
    {
    }

    public void HandleLinkFailed(int request, LinkFailure failure, TimeSpan now)
    {
    }

    public void HandleLinkClosed(in Link link, TimeSpan now)
    {
    }

    public void HandleSocketsOpened(int request, ReadOnlySpan<LocalSocket> sockets, TimeSpan now)
    {
    }

    public void HandlePortMappings(IReadOnlyList<NetworkAddress> external, TimeSpan now)
    {
    }
}
