using Coco.Traversal.Finding;
using Coco.Traversal.Links;

namespace Coco.Traversal.Tests.Finding.Model;

/// <summary>Two nodes, the NATs between them, relays, and time. Everything follows from the seed.</summary>
internal sealed class ModelWorld
{
    public static readonly NetworkAddress StunServer = Parse("198.51.100.10:3478");
    private static readonly TimeSpan DirectDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RelayDelay = TimeSpan.FromMilliseconds(40);

    private readonly PriorityQueue<Action, (TimeSpan, long)> _events = new();
    private readonly Dictionary<int, (ModelSide Side, Link Link)> _tcpEnds = []; // by the number of the other end
    private readonly Coco.Crypto.SeededRandomSource _random;
    private long _sequence;
    private int _nextLink = 5000;

    public ModelWorld(NatKind one, NatKind other, ulong seed = 1, PathFinderOptions? options = null, PathFinderOptions? otherOptions = null, bool isOneLan = false)
    {
        _random = new(seed);
        options ??= PathFinderOptions.Default;
        One = new(this, true, Home(one, 1, seed), options, seed * 2);
        Other = new(this, false, isOneLan ? Neighbour(other, seed) : Home(other, 2, seed), otherOptions ?? options, (seed * 2) + 1);
    }

    public ModelSide One { get; }

    public ModelSide Other { get; }

    public TimeSpan Now { get; private set; }

    /// <summary>Whether direct packets pass: of one to the other, and back.</summary>
    public bool OneToOther { get; set; } = true;

    public bool OtherToOne { get; set; } = true;

    public bool LanWorks { get; set; } = true;

    public bool[] RelayWorks { get; } = [true, true];

    public bool TcpWorks { get; set; }

    /// <summary>Largest direct packet in bytes.</summary>
    public int DirectMtu { get; set; } = 1500;

    /// <summary>Packets lost, in percent.</summary>
    public int Loss { get; set; }

    /// <summary>Whether delays differ, so that packets overtake each other.</summary>
    public bool Reorders { get; set; }

    public List<string> Log { get; } = [];

    public static PathAddress RelayPath(int relay) => new(new(LinkKind.Udp, 0, Parse($"198.51.100.{20 + relay}:443")), 100 + (ulong)relay);

    /// <summary>A connection stands over the first relay, and both know their own situation.</summary>
    public ModelWorld Connect(int relays = 1)
    {
        foreach (var side in (ModelSide[])[One, Other])
        {
            side.Quic.Start(RelayPath(0));
            for (var relay = 0; relay < relays; relay++) { side.Finder.HandlePath(RelayPath(relay), PathState.Available, Now); }
            side.Finder.HandlePath(RelayPath(0), PathState.Activated, Now);
            side.Finder.HandleLocal(side.Situation(), Now);
            side.Drain(Now);
        }
        return this;
    }

    public void Run(double seconds) => RunUntil(Now + TimeSpan.FromSeconds(seconds));

    /// <summary>Runs until something holds; the time it took, or a failed assertion.</summary>
    public TimeSpan RunUntil(Func<bool> holds, double withinSeconds)
    {
        var (start, end) = (Now, Now + TimeSpan.FromSeconds(withinSeconds));
        while (!holds() && Now < end) { RunUntil(Min(end, Now + TimeSpan.FromMilliseconds(5))); }
        Assert.True(holds(), $"It does not hold after {withinSeconds} s: {Describe()}");
        return Now - start;
    }

    public string Describe() =>
        $"one on {One.Quic.Active} ({One.Finder.Verdict.Code}), other on {Other.Quic.Active} ({Other.Finder.Verdict.Code}) at {Now}; "
        + $"\none {One.Nat.Kind} {One.Nat.Outer} {One.Finder.Describe(Now)}other {Other.Nat.Kind} {Other.Nat.Outer} {Other.Finder.Describe(Now)}";

    public void Send(ModelSide from, PathAddress path, ModelPacket packet, byte hopLimit, TimeSpan now)
    {
        var to = from == One ? Other : One;
        if (path.Link.Kind is LinkKind.Tcp)
        {
            if (!TcpWorks || !_tcpEnds.TryGetValue(path.Link.Number, out var end)) { return; }
            At(now + DirectDelay, () => end.Side.Receive(new(end.Link), packet, Now), end.Side);
            return;
        }
        if (Loss > 0 && Draw() % 100 < Loss) { return; }
        var jitter = Reorders ? TimeSpan.FromMilliseconds(Draw() % 60) : TimeSpan.Zero;
        if (path.IsRelayed)
        {
            var relay = (int)(path.Session - 100);
            if (RelayWorks[relay]) { At(now + RelayDelay + jitter, () => to.Receive(path, packet, Now), to); }
            return;
        }
        if (IsLan(path.Link.Remote, from))
        {
            if (LanWorks && path.Link.Remote == to.Nat.Inner) { At(now + TimeSpan.FromMilliseconds(2), () => to.Receive(new(new(LinkKind.Udp, 0, from.Nat.Inner)), packet, Now), to); }
            return;
        }
        if (!from.Sockets.Contains(path.Link.Number) || from.Nat.Out(path.Link.Number, path.Link.Remote) is not { } source) { return; }
        if (hopLimit is > 0 and < 3 || packet.Size > DirectMtu || !(from == One ? OneToOther : OtherToOne)) { return; } // the peer's NAT is the third router
        var nat = to.Nat;
        At(now + DirectDelay + jitter, () =>
        {
            if (!path.Link.Remote.HasSameHost(to.Nat.Outer) || to.Nat.Kind is NatKind.UdpBlocked) { return; }
            if (to.Nat.In(path.Link.Remote.Port, source) is not { } socket || !to.Sockets.Contains(socket)) { return; }
            to.Receive(new(new(LinkKind.Udp, socket, source)), packet, Now);
        }, to);
    }

    public void OpenTcp(ModelSide from, PathAction.OpenTcp open, TimeSpan now)
    {
        var to = from == One ? Other : One;
        At(now + (DirectDelay * 2), () =>
        {
            if (!TcpWorks || to.TcpPort == 0 || open.Remote != to.Nat.Outer.WithPort(to.TcpPort)) { from.Finder.HandleTcp(open.Request, null, Now); return; }
            var (near, far) = (new Link(LinkKind.Tcp, _nextLink++, open.Remote), new Link(LinkKind.Tcp, _nextLink++, from.Nat.Outer.WithPort(55_555)));
            _tcpEnds[near.Number] = (to, far);
            _tcpEnds[far.Number] = (from, near);
            from.Finder.HandleTcp(open.Request, near, Now);
        }, from);
    }

    public void CloseTcp(ModelSide from, Link link, TimeSpan now)
    {
        if (!_tcpEnds.Remove(link.Number, out var end)) { return; }
        _tcpEnds.Remove(end.Link.Number);
        At(now + DirectDelay, () => end.Side.Finder.HandlePath(new(end.Link), PathState.Lost, Now), end.Side);
    }

    /// <summary>A node comes up elsewhere, and hears of it or not.</summary>
    public void Move(ModelSide side, NatKind kind, bool isTold)
    {
        var home = 10 + (2 * (int)(Draw() % 100)) + (side == One ? 0 : 1); // never where the other is
        side.Nat = Home(kind, home, Draw());
        if (isTold)
        {
            side.Finder.HandleLocal(side.Situation(isChanged: true), Now);
            side.Drain(Now);
        }
        else { NoticeLater(side); }
    }

    /// <summary>A node's router restarts.</summary>
    public void Rebind(ModelSide side)
    {
        side.Nat.Reset();
        NoticeLater(side);
    }

    /// <summary>The next look at a STUN server shows another address.</summary>
    private void NoticeLater(ModelSide side) => At(Now + TimeSpan.FromSeconds(3), () => side.Finder.HandleLocal(side.Situation(), Now), side);

    public static NetworkAddress Parse(string text) => NetworkAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    private static bool IsLan(in NetworkAddress remote, ModelSide from) => remote.IsPrivate && remote.SharesPrefix(from.Nat.Inner, 24);

    private static ModelNat Home(NatKind kind, int number, ulong seed)
    {
        var outer = Parse($"203.0.113.{number}:6000");
        return new(kind, outer, kind is NatKind.None or NatKind.Firewall ? outer : Parse($"192.168.{number}.10:6000"), (seed * 1000) + (ulong)number);
    }

    private static ModelNat Neighbour(NatKind kind, ulong seed) => new(kind, Parse("203.0.113.2:6000"), Parse("192.168.1.11:6000"), seed + 77);

    private void At(TimeSpan time, Action action, ModelSide side) => _events.Enqueue(() =>
    {
        action();
        side.Drain(Now);
    }, (time, _sequence++));

    private void RunUntil(TimeSpan end)
    {
        var same = 0;
        while (true)
        {
            var next = NextTime();
            if (next > end) { break; }
            same = next > Now ? 0 : same + 1;
            Assert.True(same < 20_000, "Time does not pass: a deadline is never met.");
            if (next > Now) { Now = next; }
            while (_events.TryPeek(out _, out var due) && due.Item1 <= Now) { _events.Dequeue()(); }
            StepSide(One);
            StepSide(Other);
        }
        Now = end;
    }

    private void StepSide(ModelSide side)
    {
        if (side.Quic.Deadline <= Now) { side.Quic.HandleTimeout(Now); }
        if (side.Finder.Deadline <= Now) { side.Finder.HandleTimeout(Now); }
        side.Drain(Now);
    }

    private TimeSpan NextTime()
    {
        var next = Min(One.Quic.Deadline, Other.Quic.Deadline);
        if (One.Finder.Deadline is { } one) { next = Min(next, one); }
        if (Other.Finder.Deadline is { } other) { next = Min(next, other); }
        return _events.TryPeek(out _, out var due) ? Min(next, due.Item1) : next;
    }

    private uint Draw()
    {
        Span<byte> bytes = stackalloc byte[4];
        _random.Fill(bytes);
        return BitConverter.ToUInt32(bytes);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
