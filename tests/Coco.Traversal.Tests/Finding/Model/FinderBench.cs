using System.Buffers;
using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Traversal.Finding;
using Coco.Traversal.Links;

namespace Coco.Traversal.Tests.Finding.Model;

/// <summary>One finder alone, with a hand on everything it is told: the peer is a sealer that answers pings where it is let.</summary>
internal sealed class FinderBench
{
    public static readonly PathAddress Relay = new(new(LinkKind.Udp, 0, ModelWorld.Parse("198.51.100.20:443")), 100);

    private readonly ProbeSealer _peer;
    private readonly byte[] _buffer = new byte[2048];
    private readonly PriorityQueue<(PathAddress Path, byte[] Datagram), TimeSpan> _answers = new();

    public FinderBench(bool isControlling = true, PathFinderOptions? options = null)
    {
        Finder = new(options ?? PathFinderOptions.Default, ModelSide.Secret, isControlling, new SeededRandomSource(5), ModelSide.Aead, TimeSpan.Zero);
        _peer = new(ModelSide.Secret, !isControlling, ModelSide.Aead);
    }

    public PathFinder Finder { get; }

    /// <summary>The connection's probe timeout.</summary>
    public TimeSpan Pto { get; set; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan Now { get; private set; }

    /// <summary>Paths that answer, and after how long.</summary>
    public Dictionary<PathAddress, TimeSpan> Answering { get; } = [];

    /// <summary>Whether the connection does at once what it is asked.</summary>
    public bool IsObedient { get; set; } = true;

    /// <summary>Whether they answer probes as long as QUIC's packets too.</summary>
    public bool PassesWide { get; set; }

    public List<(TimeSpan At, PathAction Action)> Actions { get; } = [];

    public List<(TimeSpan At, PathAddress Path)> Pings { get; } = [];

    public List<(TimeSpan At, LinkTransmit Transmit)> Transmits { get; } = [];

    public List<ulong> Signals { get; } = [];

    public IEnumerable<(TimeSpan At, PathAction.Switch Move)> Moves =>
        Actions.Where(static entry => entry.Action is PathAction.Switch).Select(static entry => (entry.At, (PathAction.Switch)entry.Action));

    public static PathAddress Direct(string address) => new(new(LinkKind.Udp, 0, ModelWorld.Parse(address)));

    /// <summary>Own situation and a relay in use.</summary>
    public FinderBench Begin(LocalSituation? situation = null)
    {
        Finder.HandlePath(Relay, PathState.Available, Now);
        Finder.HandlePath(Relay, PathState.Activated, Now);
        Finder.HandleLocal(situation ?? Behind("203.0.113.1:6000"), Now);
        Answering[Relay] = TimeSpan.FromMilliseconds(80);
        Drain();
        return this;
    }

    public static LocalSituation Behind(string outer, MappingClass mapping = MappingClass.EndpointIndependent) => new()
    {
        Sockets = [new(0, true, true, 6000)],
        Candidates = [new(CandidateKind.Host, ModelWorld.Parse("192.168.1.10:6000"), "eth0", 24), new(CandidateKind.ServerReflexive, ModelWorld.Parse(outer))],
        Mapping = mapping,
    };

    public void TellCandidates(uint generation, params PeerCandidate[] candidates) => TellCandidates(generation, MappingClass.EndpointIndependent, PeerFlags.AllowsBirthday, candidates);

    public void TellCandidates(uint generation, MappingClass mapping, PeerFlags flags, params PeerCandidate[] candidates)
    {
        var body = new ArrayBufferWriter<byte>();
        new CandidatesMessage(generation, mapping, flags, candidates).Write(body);
        Assert.True(Finder.HandleSignal(SignalType.Candidates, body.WrittenSpan, Now));
        Drain();
    }

    /// <summary>A ping of the peer's.</summary>
    public byte[] Ping()
    {
        var length = _peer.WritePing(_buffer, out _);
        return _buffer[..length];
    }

    public void Receive(in PathAddress path, byte[] datagram)
    {
        Finder.HandleProbe(path, datagram, Now);
        Drain();
    }

    public void Health(PathAddress path, int probeTimeouts, double silentSeconds = 0.1, bool wantsToSend = false)
    {
        Finder.HandleHealth(new(path, probeTimeouts, Pto, probeTimeouts > 0, TimeSpan.FromSeconds(silentSeconds), wantsToSend), Now);
        Drain();
    }

    public void Run(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        for (var same = 0; ;)
        {
            var next = Finder.Deadline ?? TimeSpan.MaxValue;
            if (_answers.TryPeek(out _, out var due) && due < next) { next = due; }
            if (next > end) { break; }
            same = next > Now ? 0 : same + 1;
            Assert.True(same < 10_000, "Time does not pass: a deadline is never met.");
            if (next > Now) { Now = next; }
            while (_answers.TryPeek(out var answer, out due) && due <= Now)
            {
                _answers.Dequeue();
                Finder.HandleProbe(answer.Path, answer.Datagram, Now);
                Drain();
            }
            if (Finder.Deadline <= Now) { Finder.HandleTimeout(Now); }
            Drain();
        }
        Now = end;
    }

    public void Drain()
    {
        var body = new ArrayBufferWriter<byte>();
        while (Finder.TryTakeSignal(body, out var type)) { Signals.Add(type); }
        while (Finder.TryTakeProbe(_buffer, Now, out var transmit)) { Send(transmit); }
        while (Finder.TryTakeAction(out var action))
        {
            Actions.Add((Now, action!));
            if (!IsObedient) { continue; }
            if (action is PathAction.Validate validate) { Finder.HandlePath(validate.Path, PathState.Validated, Now); }
            if (action is PathAction.Switch move) { Finder.HandlePath(move.Path, PathState.Activated, Now); }
        }
    }

    private void Send(in LinkTransmit transmit)
    {
        Transmits.Add((Now, transmit));
        var datagram = _buffer.AsSpan(0, transmit.Length);
        var session = datagram[0] == FirstByte.Relayed ? BinaryPrimitives.ReadUInt64BigEndian(datagram[1..]) : 0;
        if (session != 0) { datagram = datagram[FirstByte.RelayedHeaderLength..]; }
        var path = new PathAddress(transmit.Link, session);
        Span<byte> opened = stackalloc byte[datagram.Length];
        datagram.CopyTo(opened);
        if (!_peer.TryOpen(opened, out var probe) || probe.Kind is not ProbeKind.Ping) { return; }
        Pings.Add((Now, path));
        if (transmit.HopLimit != 0 || !Answering.TryGetValue(path, out var rtt)) { return; }
        if (probe.IsWide && !PassesWide) { return; }
        Span<byte> answer = stackalloc byte[ProbeSealer.WideLength];
        var length = _peer.WritePong(answer, probe.Counter, ModelWorld.Parse("203.0.113.1:6000"), probe.IsWide);
        _answers.Enqueue((path, answer[..length].ToArray()), Now + rtt);
    }
}
