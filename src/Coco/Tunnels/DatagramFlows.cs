using System.Collections.Concurrent;

namespace Coco.Tunnels;

/// <summary>The flows of a session. Who opened the session numbers them.</summary>
internal sealed class DatagramFlows
{
    private readonly ConcurrentDictionary<ulong, DatagramFlow> _flows = new();
    private readonly Reassembly _pieces = new();
    private ulong _next;

    /// <summary>The first of so many numbers that are one behind the other.</summary>
    public ulong NextNumber(int count = 1) => Interlocked.Add(ref _next, (ulong)count) - (ulong)count;

    public bool TryAdd(DatagramFlow flow) => _flows.TryAdd(flow.Number, flow);

    public void Remove(DatagramFlow flow) => _flows.TryRemove(new(flow.Number, flow));

    /// <summary>A datagram of the peer's; one at a time.</summary>
    public void Handle(ReadOnlySpan<byte> datagram)
    {
        // Those of a flow that is over, or not yet there, are lost.
        if (!FlowHeader.TryParse(datagram, out var header, out var rest) || !_flows.TryGetValue(header.Flow, out var flow)) { return; }
        if (!header.IsPiece) { flow.Handle(rest); }
        else if (_pieces.TryComplete(header, rest, out var whole)) { flow.Handle(whole); }
    }
}
