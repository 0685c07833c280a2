using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Traversal.Hops;
using Coco.Traversal.Links;

namespace Coco.Traversal.Tests.Hops;

/// <summary>Forwarders that are neighbours of some others. Messages arrive when they are sent; a node's address follows from its number.</summary>
internal sealed class HopRig(HopOptions? options = null) : IHopRouter
{
    private readonly List<HopForwarder> _nodes = [];
    private readonly Queue<(int To, HopNeighbour From, ulong Type, byte[] Body)> _underway = new();
    private readonly Dictionary<(int, int), HopNeighbour> _neighbours = [];

    public TimeSpan Now { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The next hop of each node to each target; the target itself where nothing is said.</summary>
    public Dictionary<(int Node, int Target), int> Routes { get; } = [];

    public HashSet<int> Refusing { get; } = [];

    /// <summary>Messages that were sent, from and to whom.</summary>
    public List<(int From, int To, HopMessage Message)> Messages { get; } = [];

    /// <summary>Those of which this says so are lost.</summary>
    public Func<int, int, bool> Drops { get; set; } = static (_, _) => false;

    public HopForwarder this[int node] => _nodes[node];

    public int Add()
    {
        _nodes.Add(new(options ?? new(), this, new SeededRandomSource((ulong)_nodes.Count + 1)));
        return _nodes.Count - 1;
    }

    public void Add(int count)
    {
        for (var i = 0; i < count; i++) { Add(); }
    }

    public HopNeighbour Neighbour(int node, int other) => _neighbours[(node, other)];

    public void Join(int one, int other)
    {
        _neighbours[(one, other)] = _nodes[one].AddNeighbour(Id(one), Id(other), new RigLink(this, one, other));
        _neighbours[(other, one)] = _nodes[other].AddNeighbour(Id(other), Id(one), new RigLink(this, other, one));
    }

    public void Chain(params ReadOnlySpan<int> nodes)
    {
        for (var i = 0; i + 1 < nodes.Length; i++)
        {
            if (!_neighbours.ContainsKey((nodes[i], nodes[i + 1]))) { Join(nodes[i], nodes[i + 1]); }
            Routes[(nodes[i], nodes[^1])] = nodes[i + 1];
            Routes[(nodes[i + 1], nodes[0])] = nodes[i];
        }
    }

    /// <summary>Opens a session, and answers what the opener and the target hear of it.</summary>
    public (HopEvent? AtOrigin, HopEvent? AtTarget) Open(int origin, int next, int target)
    {
        Assert.True(_nodes[origin].TryOpen(Neighbour(origin, next), Id(target), default, Now));
        Pump();
        return (_nodes[origin].TryTakeEvent(out var one) ? one : null, _nodes[target].TryTakeEvent(out var other) ? other : null);
    }

    /// <summary>The ways of a session that was opened.</summary>
    public (PathAddress AtOrigin, PathAddress AtTarget) Opened(int origin, int next, int target)
    {
        var (one, other) = Open(origin, next, target);
        return (Assert.IsType<HopEvent.Opened>(one).Way, Assert.IsType<HopEvent.Opened>(other).Way);
    }

    public void Pump()
    {
        while (_underway.TryDequeue(out var message)) { Assert.True(_nodes[message.To].HandleMessage(message.From, message.Type, message.Body, Now)); }
    }

    public void RunTo(TimeSpan now)
    {
        Now = now;
        foreach (var node in _nodes) { node.HandleTimeout(now); }
        Pump();
    }

    /// <summary>A datagram of a session's end, as it leaves for the first neighbour.</summary>
    public byte[] Datagram(int node, PathAddress way, int length)
    {
        Assert.True(_nodes[node].TryResolve(way, out _, out var number));
        var datagram = new byte[length];
        datagram[0] = FirstByte.Relayed;
        BinaryPrimitives.WriteUInt64BigEndian(datagram.AsSpan(1), number);
        return datagram;
    }

    /// <summary>Where a node sees another.</summary>
    public static PathAddress Way(int node, int other) => new(new(LinkKind.Udp, node, NetworkAddress.FromIpv4(0xC633_6400 + (uint)other, 5000)));

    public static NodeId Id(int node)
    {
        var bytes = new byte[NodeId.Size];
        BinaryPrimitives.WriteInt32BigEndian(bytes, node + 1);
        return NodeId.Read(bytes);
    }

    public bool TryNextHop(in HopRequest request, ReadOnlySpan<NodeId> avoid, out NodeId next, out NodeId nextAim)
    {
        var (self, target) = (NumberOf(request.Self), NumberOf(request.Target));
        next = Id(Routes.GetValueOrDefault((self, target), target));
        nextAim = request.Target;
        return !avoid.Contains(next);
    }

    public bool MayForward(in HopRequest request) => !Refusing.Contains(NumberOf(request.Self));

    private static int NumberOf(NodeId id)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        id.CopyTo(bytes);
        return BinaryPrimitives.ReadInt32BigEndian(bytes) - 1;
    }

    private sealed class RigLink(HopRig rig, int node, int other) : IHopLink
    {
        public bool TryGetWay(out PathAddress way)
        {
            way = Way(node, other);
            return true;
        }

        public bool IsValidated(in PathAddress way) => way == Way(node, other);

        public void CheckAlive()
        {
        }

        public void Send(ulong type, ReadOnlySpan<byte> body)
        {
            Assert.True(HopMessageCodec.TryRead(type, body, out var message));
            rig.Messages.Add((node, other, message!));
            if (!rig.Drops(node, other)) { rig._underway.Enqueue((other, rig._neighbours[(other, node)], type, body.ToArray())); }
        }
    }
}
