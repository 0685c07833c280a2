using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>The flows a router remembers, by what a packet of either direction looks like.</summary>
internal sealed class FlowTable
{
    private const int SweepFrom = 1024;

    private readonly Dictionary<FlowKey, Flow> _flows = [];
    private readonly Dictionary<(PacketProtocol Protocol, NetworkAddress Inner), Flow> _newestOf = [];
    private int _sweepAt = SweepFrom;

    /// <summary>Flows, some of which may have ended.</summary>
    public int Count => _flows.Count / 2;

    public bool TryFind(in FlowKey key, TimeSpan now, out Flow flow, out bool isReply)
    {
        isReply = false;
        if (!_flows.TryGetValue(key, out flow!)) { return false; }
        if (flow.Expires <= now)
        {
            Remove(flow);
            return false;
        }
        isReply = flow.Reply == key && flow.Original != key;
        return true;
    }

    public bool IsFree(in FlowKey key, TimeSpan now) => !TryFind(key, now, out _, out _);

    /// <summary>The outer endpoint that the newest flow of an inner endpoint has.</summary>
    public NetworkAddress? NewestOuter(PacketProtocol protocol, in NetworkAddress inner, TimeSpan now) =>
        _newestOf.TryGetValue((protocol, inner), out var flow) && flow.Expires > now ? flow.Reply.Destination : null;

    public void Add(Flow flow, TimeSpan now)
    {
        if (_flows.Count >= _sweepAt)
        {
            Sweep(now);
            _sweepAt = Math.Max(SweepFrom, 2 * _flows.Count);
        }
        _flows[flow.Original] = flow;
        _flows[flow.Reply] = flow;
        _newestOf[(flow.Original.Protocol, flow.Original.Source)] = flow;
    }

    /// <summary>Forgets flows that have ended.</summary>
    public void Sweep(TimeSpan now)
    {
        foreach (var flow in _flows.Values.Where(flow => flow.Expires <= now).ToArray()) { Remove(flow); }
    }

    /// <summary>How many outer ports an inner host has now.</summary>
    public int PortsOf(NetworkAddress inner, TimeSpan now) => _flows
        .Where(entry => entry.Value.Expires > now && entry.Key == entry.Value.Original && entry.Key.Source.HasSameHost(inner))
        .Select(entry => (entry.Key.Protocol, entry.Value.Reply.Destination.Port))
        .Distinct()
        .Count();

    public void Clear()
    {
        _flows.Clear();
        _newestOf.Clear();
    }

    private void Remove(Flow flow)
    {
        _flows.Remove(flow.Original);
        _flows.Remove(flow.Reply);
        if (_newestOf.TryGetValue((flow.Original.Protocol, flow.Original.Source), out var newest) && newest == flow)
        {
            _newestOf.Remove((flow.Original.Protocol, flow.Original.Source));
        }
    }
}
