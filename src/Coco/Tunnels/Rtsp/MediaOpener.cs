using System.Net;
using Coco.Hosting;
using Coco.Transport;

namespace Coco.Tunnels.Rtsp;

/// <summary>Opens ports of this machine for the media of one connection.</summary>
/// <param name="local">The address that they are at: whoever is on the other end of the connection is reached from it.</param>
/// <param name="session">The session with the peer.</param>
/// <param name="stream">The connection there.</param>
/// <param name="budget">How many there may be.</param>
/// <param name="counters">Where datagrams are counted.</param>
/// <param name="time">The clock.</param>
/// <param name="tasks">Where what comes there is received.</param>
internal sealed class MediaOpener(
    IPAddress local, TunnelSession session, ConnectionStream stream, PortBudget budget, TunnelCounters counters, TimeProvider time, TaskSet tasks) : IMediaOpener
{
    public IMediaPorts? TryOpen(int count, ulong? flow)
    {
        if (!budget.TryTake(count)) { return null; }
        if (MediaSockets.TryBind(local, count) is { } sockets)
        {
            var ports = new MediaPorts(sockets, flow ?? session.Flows.NextNumber(count), session.Flows, Make, budget, counters, tasks);
            if (ports.TryBegin()) { return ports; }
            ports.Dispose();
            return null;
        }
        budget.Give(count);
        return null;
    }

    private DatagramFlow Make(ulong number, Func<ReadOnlySpan<byte>, bool> deliver) => new(session, number, stream, counters, time, deliver);
}
