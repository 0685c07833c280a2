using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Quic.Paths;

namespace Coco.Quic.Tests.Simulation;

/// <summary>Two endpoints in virtual time, with links between them that delay, drop, double, reorder and spoil datagrams as a seed says.</summary>
internal sealed class SimulatedNetwork
{
    private const int MaxStepsAtOnce = 1000;

    private readonly PriorityQueue<InFlight, (TimeSpan, long)> _queue = new();
    private readonly byte[] _buffer = new byte[65536];
    private readonly Random _random;
    private readonly Dictionary<(int Side, PathId Path), TimeSpan> _busyUntil = [];
    private long _order;
    private int _stepsAtNow;

    public SimulatedNetwork(ulong seed, EndpointOptions client, EndpointOptions server, LinkOptions? link = null)
    {
        _random = new Random((int)(seed ^ (seed >> 32)));
        Link = link ?? new();
        Endpoints = [new(client, new SeededRandomSource(seed * 2)), new(server, new SeededRandomSource((seed * 2) + 1))];
    }

    private readonly record struct InFlight(int To, PathId Path, byte[] Datagram, EcnCodepoint Ecn);

    public LinkOptions Link { get; set; }

    public QuicEndpoint[] Endpoints { get; }

    public QuicEndpoint Client => Endpoints[0];

    public QuicEndpoint Server => Endpoints[1];

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1);

    public long DatagramsDelivered { get; private set; }

    /// <summary>Bytes put on the link by each side.</summary>
    public long[] BytesSent { get; } = new long[2];

    /// <summary>Sees every datagram before it is sent; false drops it.</summary>
    public Func<int, PathId, byte[], bool>? Filter { get; set; }

    /// <summary>Which path number a datagram arrives on, as a NAT might change it; the same by default.</summary>
    public Func<int, PathId, PathId>? Translate { get; set; }

    /// <summary>Whether a router on the way marks what carries ECT as having met congestion.</summary>
    public bool MarksCongestion { get; set; }

    /// <summary>The links know paths by number only: the same number is the two ends of one path.</summary>
    public PathInfo Path(int id) => new(new PathId(id), Link.Kind, Link.MaxDatagramSize, Underlay: Link.Underlay(id));

    /// <summary>Sends what waits, then moves to the next event. False when nothing will ever happen again.</summary>
    public bool Step()
    {
        Flush(0);
        Flush(1);
        var next = NextEvent();
        if (next == TimeSpan.MaxValue) { return false; }
        if (next > Now) { (Now, _stepsAtNow) = (next, 0); }
        else if (++_stepsAtNow > MaxStepsAtOnce) { throw new InvalidOperationException($"time stands still at {Now}: a deadline is due and nothing comes of it"); }

        while (_queue.TryPeek(out var due, out var key) && key.Item1 <= Now)
        {
            _queue.Dequeue();
            DatagramsDelivered++;
            var ecn = MarksCongestion && due.Ecn != EcnCodepoint.NotEct ? EcnCodepoint.CongestionExperienced : due.Ecn;
            Endpoints[due.To].HandleDatagram(Path(due.Path.Value), due.Datagram, ecn, Now);
        }
        foreach (var endpoint in Endpoints) { endpoint.HandleTimeout(Now); }
        return true;
    }

    /// <summary>Steps until a condition holds. False when it does not within the limits.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan? limit = null, int maxSteps = 2_000_000)
    {
        var end = Now + (limit ?? TimeSpan.FromMinutes(10));
        for (var steps = 0; steps < maxSteps; steps++)
        {
            if (condition()) { return true; }
            if (Now > end || !Step()) { return condition(); }
        }
        return condition();
    }

    public void RunFor(TimeSpan time)
    {
        var end = Now + time;
        while (TryStep(end)) { }
    }

    /// <summary>Steps if something happens until a time; otherwise lets the time come and returns false.</summary>
    public bool TryStep(TimeSpan end)
    {
        Flush(0);
        Flush(1);
        if (NextEvent() <= end) { return Step(); }
        Now = end;
        return false;
    }

    private TimeSpan NextEvent()
    {
        var next = _queue.TryPeek(out _, out var first) ? first.Item1 : TimeSpan.MaxValue;
        foreach (var endpoint in Endpoints)
        {
            if (endpoint.Deadline is { } deadline && deadline < next) { next = deadline; }
        }
        return next;
    }

    /// <summary>Puts a datagram of a stranger's on the link.</summary>
    public void Inject(int to, PathId path, byte[] datagram) => Deliver(to, path, datagram, EcnCodepoint.NotEct, Now + Link.Delay);

    private void Flush(int side)
    {
        while (Endpoints[side].TryTakeTransmit(_buffer, Now, out var transmit))
        {
            for (var at = 0; at < transmit.Length; at += transmit.SegmentSize)
            {
                var datagram = _buffer.AsSpan(at, Math.Min(transmit.SegmentSize, transmit.Length - at)).ToArray();
                BytesSent[side] += datagram.Length;
                Send(side, transmit.Path, datagram, transmit.Ecn);
            }
        }
    }

    private void Send(int side, PathId path, byte[] datagram, EcnCodepoint ecn)
    {
        if (Filter is not null && !Filter(side, path, datagram)) { return; }
        if (datagram.Length > Link.Mtu || _random.NextDouble() < Link.Loss) { return; }
        if (Link.BytesPerSecond > 0)
        {
            var free = _busyUntil.TryGetValue((side, path), out var until) && until > Now ? until : Now;
            if (free - Now > Link.MaxQueue) { return; }
            free += TimeSpan.FromSeconds((double)datagram.Length / Link.BytesPerSecond);
            _busyUntil[(side, path)] = free;
            Dispatch(side, path, datagram, ecn, free + Link.Delay);
            return;
        }
        Dispatch(side, path, datagram, ecn, Now + Link.Delay);
    }

    private void Dispatch(int side, PathId path, byte[] datagram, EcnCodepoint ecn, TimeSpan at)
    {
        if (_random.NextDouble() < Link.Reorder) { at += TimeSpan.FromTicks((long)(_random.NextDouble() * 4 * Link.Delay.Ticks)); }
        if (_random.NextDouble() < Link.Corrupt)
        {
            datagram = [.. datagram];
            datagram[_random.Next(datagram.Length)] ^= (byte)(1 << _random.Next(8));
        }
        var arrives = Translate?.Invoke(side, path) ?? path;
        Deliver(1 - side, arrives, datagram, ecn, at);
        if (_random.NextDouble() < Link.Duplicate) { Deliver(1 - side, arrives, [.. datagram], ecn, at + (Link.Delay / 2)); }
    }

    private void Deliver(int to, PathId path, byte[] datagram, EcnCodepoint ecn, TimeSpan at) =>
        _queue.Enqueue(new(to, path, datagram, ecn), (at, _order++));
}
