using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

/// <summary>Flows over one bottleneck in virtual time.</summary>
internal sealed class BottleneckSimulation(SimulatedLink link)
{
    private readonly PriorityQueue<Event, (long Time, long Order)> _events = new();
    private readonly List<SimulatedFlow> _flows = [];
    private long _order;

    public SimulatedLink Link => link;

    public SimulatedFlow AddFlow(CongestionAlgorithm algorithm, double startSeconds = 0)
    {
        var flow = new SimulatedFlow(this, algorithm, (long)(startSeconds * TimeSpan.TicksPerSecond));
        _flows.Add(flow);
        Schedule(flow.Start, flow, EventKind.Start, 0, null);
        return flow;
    }

    public void Schedule(long time, SimulatedFlow flow, EventKind kind, int packet, int[]? acked) =>
        _events.Enqueue(new Event(flow, kind, packet, acked), (time, _order++));

    public void RunUntil(double seconds)
    {
        var end = (long)(seconds * TimeSpan.TicksPerSecond);
        while (_events.TryPeek(out var next, out var at) && at.Time < end)
        {
            _events.Dequeue();
            switch (next.Kind)
            {
                case EventKind.Start:
                    next.Flow.HandleStart(at.Time);
                    break;
                case EventKind.Wake:
                    next.Flow.HandleWake(at.Time);
                    break;
                case EventKind.Arrival or EventKind.MarkedArrival:
                    next.Flow.HandleArrival(next.Packet, next.Kind == EventKind.MarkedArrival, at.Time);
                    break;
                case EventKind.AckTimer:
                    next.Flow.HandleAckTimer(next.Packet, at.Time);
                    break;
                case EventKind.Ack or EventKind.MarkedAck:
                    next.Flow.HandleAck(next.Acked!, next.Kind == EventKind.MarkedAck, at.Time);
                    break;
            }
        }
    }

    /// <summary>The share of the link that <paramref name="flow"/> got in an interval; runs to its end.</summary>
    public double Utilisation(SimulatedFlow flow, double fromSeconds, double toSeconds)
    {
        RunUntil(fromSeconds);
        var before = flow.Received;
        RunUntil(toSeconds);
        return (flow.Received - before) / (link.BytesPerTick * (toSeconds - fromSeconds) * TimeSpan.TicksPerSecond);
    }

    private readonly record struct Event(SimulatedFlow Flow, EventKind Kind, int Packet, int[]? Acked);
}
