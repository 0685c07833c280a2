using Coco.Crypto;
using Coco.Traversal.Links;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

/// <summary>Hosts on one network without NATs, in virtual time: each datagram arrives after the same delay unless it is dropped.</summary>
internal sealed class FlatNetwork(ulong seed)
{
    private readonly PriorityQueue<(IFlatHost To, Link Link, byte[] Data, int SegmentSize), (TimeSpan At, int Order)> _underway = new();
    private readonly List<IFlatHost> _hosts = [];
    private int _order;
    private int _stepsAtNow;

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1);

    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Says of a datagram from one address to another whether it is lost.</summary>
    public Func<NetworkAddress, NetworkAddress, bool> Drops { get; set; } = static (_, _) => false;

    public FlatHost Add(RoamingOptions options, params string[] addresses)
    {
        var host = new FlatHost(this, options, new SeededRandomSource(seed + (ulong)_hosts.Count), [.. addresses.Select(Parse)]);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Switches a host off: it hears and says nothing any more.</summary>
    public void Remove(IFlatHost host) => _hosts.Remove(host);

    public void Add(IFlatHost host) => _hosts.Add(host);

    public static NetworkAddress Parse(string text) =>
        NetworkAddress.TryParse(text, out var address) ? address : throw new ArgumentException($"{text} is no address");

    public void RunUntil(Func<bool> isDone, TimeSpan atMost)
    {
        var end = Now + atMost;
        while (!isDone())
        {
            foreach (var host in _hosts) { host.Drain(); }
            if (isDone()) { return; }
            var next = _hosts.Min(host => host.Deadline);
            if (_underway.TryPeek(out _, out var arrival) && arrival.At < next) { next = arrival.At; }
            Assert.True(next <= end, $"nothing has come of it in {atMost}");
            if (next > Now) { (Now, _stepsAtNow) = (next, 0); }
            else { Assert.True(++_stepsAtNow < 1000, $"time stands still at {Now}: a deadline is due and nothing comes of it"); }
            while (_underway.TryPeek(out var datagram, out arrival) && arrival.At <= Now)
            {
                _underway.Dequeue();
                datagram.To.HandleDatagrams(datagram.Link, datagram.Data, datagram.SegmentSize);
            }
            foreach (var host in _hosts) { host.HandleTimeout(); }
        }
    }

    public void Run(TimeSpan time)
    {
        var end = Now + time;
        RunUntil(
            () =>
            {
                foreach (var host in _hosts) { host.Drain(); } // what they have to send has no deadline
                return Now >= end || (_hosts.TrueForAll(host => host.Deadline > end) && !HasArrivalBefore(end));
            },
            time + TimeSpan.FromDays(1));
        if (Now < end) { Now = end; }
    }

    internal void Send(NetworkAddress from, in LinkTransmit transmit, ReadOnlySpan<byte> data)
    {
        var remote = transmit.Link.Remote;
        if (Drops(from, remote)) { return; }
        foreach (var host in _hosts)
        {
            for (var i = 0; i < host.Addresses.Count; i++)
            {
                if (host.Addresses[i] != remote) { continue; }
                _underway.Enqueue((host, new(LinkKind.Udp, i, from), data.ToArray(), transmit.SegmentSize), (Now + Delay, _order++));
            }
        }
    }

    private bool HasArrivalBefore(TimeSpan end) => _underway.TryPeek(out _, out var arrival) && arrival.At <= end;
}
