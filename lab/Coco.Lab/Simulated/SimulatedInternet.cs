using Coco.Traversal;

namespace Coco.Lab.Simulated;

/// <summary>
/// An internet in virtual time: hosts, routers with NATs and firewalls, cables that delay and lose. Everything that happens follows
/// from what the test does and from the seed, on one thread, without a clock.
/// </summary>
internal sealed class SimulatedInternet
{
    private const int MaxEventsAtOnce = 1_000_000;

    private readonly PriorityQueue<Action, (TimeSpan, long)> _queue = new();
    private long _order;
    private long _eventsAtNow;

    /// <param name="seed">Equal seeds, equal runs.</param>
    /// <param name="routers">Routers in the middle of the internet, which a hop limit must get past.</param>
    public SimulatedInternet(ulong seed, int routers = 1)
    {
        Seed = seed;
        Random = new((int)(seed ^ (seed >> 32)));
        Net = new(this, "internet", routers, gateway: null);
    }

    public ulong Seed { get; }

    /// <summary>What all chance is drawn from.</summary>
    public Random Random { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1);

    public SimulatedTrace Trace { get; } = new();

    /// <summary>Where public addresses are.</summary>
    public SimulatedNet Net { get; }

    /// <summary>What names lead to, for URLs.</summary>
    public Dictionary<string, NetworkAddress> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    public long Events { get; private set; }

    // One pair for all nodes: nothing stays in them between two events.
    public byte[] ReceiveBuffer { get; } = new byte[65_536];

    public byte[] SendBuffer { get; } = new byte[65_536];

    /// <summary>A host that is not attached to anything yet.</summary>
    public SimulatedHost AddHost(string name) => new(this, name);

    /// <summary>A host with public addresses.</summary>
    public SimulatedHost AddHost(string name, params ReadOnlySpan<string> addresses)
    {
        var host = AddHost(name);
        host.Attach(Net, addresses);
        return host;
    }

    /// <summary>A router on the internet.</summary>
    public SimulatedRouter AddRouter(string name, RouterOptions options, params ReadOnlySpan<string> outer) => AddRouter(name, options, Net, outer);

    /// <summary>A router behind another.</summary>
    public SimulatedRouter AddRouter(string name, RouterOptions options, SimulatedNet outside, params ReadOnlySpan<string> outer)
    {
        var router = new SimulatedRouter(this, name, options, outside);
        foreach (var address in outer) { router.AddOuterAddress(Address(address)); }
        return router;
    }

    /// <summary>Puts a datagram on the internet that says it comes from anywhere.</summary>
    public void Inject(string source, string destination, byte[] payload)
    {
        var packet = new SimulatedPacket(PacketProtocol.Udp, Address(source), Address(destination), payload);
        Trace.Record(Now, TraceVerb.Sent, packet);
        Schedule(Now, () => Net.Carry(packet));
    }

    /// <summary>Lets something happen at a time.</summary>
    public void Schedule(TimeSpan at, Action action) => _queue.Enqueue(action, (at > Now ? at : Now, _order++));

    /// <summary>Lets something happen after a time.</summary>
    public void After(TimeSpan delay, Action action) => Schedule(Now + delay, action);

    /// <summary>Lets the next thing happen. False when nothing will ever happen again.</summary>
    public bool Step()
    {
        if (!_queue.TryDequeue(out var action, out var key)) { return false; }
        if (key.Item1 > Now) { (Now, _eventsAtNow) = (key.Item1, 0); }
        else if (++_eventsAtNow > MaxEventsAtOnce) { throw new InvalidOperationException($"time stands still at {Now}, seed {Seed}: something is due again and again"); }
        Events++;
        action();
        return true;
    }

    /// <summary>Goes on until a condition holds. False when it does not in time.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var end = Now + limit;
        while (!condition())
        {
            if (!_queue.TryPeek(out _, out var next) || next.Item1 > end)
            {
                Now = end;
                return condition();
            }
            Step();
        }
        return true;
    }

    public void RunFor(TimeSpan time)
    {
        var end = Now + time;
        while (_queue.TryPeek(out _, out var next) && next.Item1 <= end) { Step(); }
        Now = end;
    }

    /// <summary>An address from text, without a port or with one.</summary>
    public static NetworkAddress Address(string text) =>
        NetworkAddress.TryParseHost(text, out var address) || NetworkAddress.TryParse(text, out address)
            ? address
            : throw new FormatException($"'{text}' is no address");
}
