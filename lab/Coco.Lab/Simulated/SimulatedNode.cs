using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Lab.Simulated;

/// <summary>Drives a core on a simulated host: what arrives goes in, what comes out is sent or done, and its deadline is kept.</summary>
internal sealed partial class SimulatedNode
{
    private const int MaxTransmitsAtOnce = 100_000;
    private const int MaxTimeoutsAtOnce = 1000;

    private static readonly TimeSpan StrangerTimeout = TimeSpan.FromSeconds(10); // as hosts have it

    private readonly ISimulatedProgram _program;
    private readonly SimulatedNodeOptions _options;
    private readonly SimulatedTimer _timer;
    private readonly List<LocalSocket> _sockets = [];
    private readonly Queue<Action<TimeSpan>> _missed = [];
    private readonly HashSet<Link> _strangers = [];
    private TimeSpan _lastTimeout;
    private int _timeoutsAtOnce;
    private bool _isStopped;

    public SimulatedNode(SimulatedHost host, ISimulatedProgram program, SimulatedNodeOptions? options = null)
    {
        (Host, _program, _options) = (host, program, options ?? new());
        _timer = new(host.Internet, () => Tell(HandleTimeout));
    }

    public SimulatedHost Host { get; }

    public IReadOnlyList<LocalSocket> Sockets => _sockets;

    public long DatagramsSent { get; private set; }

    /// <summary>What the application does whenever its core has been woken.</summary>
    public Action? Application { get; set; }

    /// <summary>Whether the process stands still, as under a debugger: the system goes on acknowledging TCP and keeps some datagrams.</summary>
    public bool IsHung
    {
        get;
        set
        {
            field = value;
            if (value) { return; }
            while (_missed.TryDequeue(out var handle)) { Tell(handle); }
            DeliverArrivals();
        }
    }

    /// <summary>Opens the sockets and lets the core begin.</summary>
    public SimulatedNode Start()
    {
        if (_options.UsesIpv4) { _sockets.Add(Host.OpenUdp(_options.UdpPort)); }
        if (_options.UsesIpv6) { _sockets.Add(Host.OpenUdp(_options.UdpPort, isIpv4: false)); }
        if (_options.TcpPort != 0) { Host.ListenForLinks(_options.TcpPort, LinkKind.Tcp); }
        if (_options.WebSocketPort != 0) { Host.ListenForLinks(_options.WebSocketPort, LinkKind.WebSocket); }

        Host.Received = TakeArrival;
        Host.NetworkChanged = () => Tell(HandleNetwork);
        Host.LinkOpened = (request, link) => Tell(now => _program.HandleLinkOpened(request, link, now));
        Host.LinkAccepted = AcceptLink;
        Host.LinkFailed = (request, why) => Tell(now => _program.HandleLinkFailed(request, why, now));
        Host.LinkClosed = link =>
        {
            _strangers.Remove(link);
            Tell(now => _program.HandleLinkClosed(link, now));
        };
        Tell(HandleNetwork);
        return this;
    }

    /// <summary>Lets the application act on the core, and the core's host do what follows.</summary>
    public void Act(Action<TimeSpan> act) => Tell(act);

    /// <summary>What a router says it lets in for us.</summary>
    public void HandlePortMappings(params IReadOnlyList<NetworkAddress> external) => Tell(now => _program.HandlePortMappings(external, now));

    /// <summary>The process dies: its core says no goodbye.</summary>
    public void Stop()
    {
        _isStopped = true;
        _timer.Set(null);
        Host.Crash();
    }

    // Who opens a link and does not show who it is may not keep it.
    private void AcceptLink(Link link)
    {
        _strangers.Add(link);
        Host.Internet.After(StrangerTimeout, () =>
        {
            if (_isStopped || !_strangers.Remove(link)) { return; }
            Host.CloseLink(link);
            Tell(now => _program.HandleLinkClosed(link, now));
        });
        Tell(now => _program.HandleLinkAccepted(link, now));
    }

    // A core whose deadline stays due would stop time for everybody.
    private void HandleTimeout(TimeSpan now)
    {
        _timeoutsAtOnce = now == _lastTimeout ? _timeoutsAtOnce + 1 : 0;
        _lastTimeout = now;
        if (_timeoutsAtOnce > MaxTimeoutsAtOnce) { throw new InvalidOperationException($"{Host.Name}: the deadline {_program.Deadline} is due at {now}, and nothing comes of it"); }
        _program.HandleTimeout(now);
    }

    private void HandleNetwork(TimeSpan now) => _program.HandleNetwork(Host.Snapshot(_sockets, _options.TcpPort), now);

    private void Tell(Action<TimeSpan> handle)
    {
        if (_isStopped) { return; }
        if (IsHung)
        {
            _missed.Enqueue(handle);
            return;
        }
        handle(Host.Internet.Now);
        Flush();
    }

    private void Flush()
    {
        var now = Host.Internet.Now;
        Application?.Invoke();
        var buffer = Host.Internet.SendBuffer;
        var sent = 0;
        var isDone = false;
        while (!isDone)
        {
            while (_program.TryTakeTransmit(buffer, now, out var transmit))
            {
                if (++sent > MaxTransmitsAtOnce) { throw new InvalidOperationException($"{Host.Name} sends without end at {now}"); }
                Send(transmit, buffer);
            }
            isDone = !_program.TryTakeCommand(out var command);
            if (!isDone) { Do(command!, now); }
        }
        _timer.Set(_program.Deadline);
    }

    private void Send(in LinkTransmit transmit, ReadOnlySpan<byte> data)
    {
        DatagramsSent += (transmit.Length + transmit.SegmentSize - 1) / transmit.SegmentSize;
        Host.Send(transmit, data);
    }

    private void Do(HostCommand command, TimeSpan now)
    {
        switch (command)
        {
            case HostCommand.OpenTcp open: Host.OpenTcp(open.Request, open.Remote, open.FromListeningPort ? _options.TcpPort : 0); break;
            case HostCommand.OpenWebSocket open: Host.OpenWebSocket(open.Request, open.Url); break;
            case HostCommand.OpenSockets open: _program.HandleSocketsOpened(open.Request, OpenSockets(open), now); break;
            case HostCommand.CloseSocket close: Host.CloseUdp(close.Number); break;
            case HostCommand.KeepLink keep: _strangers.Remove(keep.Link); break;
            case HostCommand.CloseLink close: Host.CloseLink(close.Link); break;
            default: throw new NotSupportedException($"{command}");
        }
    }

    private LocalSocket[] OpenSockets(HostCommand.OpenSockets open)
    {
        var sockets = new List<LocalSocket>(open.Count);
        while (sockets.Count < open.Count && Host.TryOpenUdp(0, open.IsIpv4, out var socket)) { sockets.Add(socket); }
        return [.. sockets];
    }
}
