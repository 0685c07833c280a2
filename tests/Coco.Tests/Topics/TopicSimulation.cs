using System.Buffers;
using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Topics;
using Coco.Topics.Core;

namespace Coco.Tests.Topics;

/// <summary>
/// Many exchanges in virtual time. A link is what QUIC makes of a network that loses packets: everything arrives in order, and what is lost comes
/// after another round trip and holds up what follows. A node that crashes takes along what is in its links.
/// </summary>
internal sealed class TopicSimulation
{
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(3);

    private readonly PriorityQueue<Action, (TimeSpan At, long Number)> _events = new();
    private readonly Random _random;
    private readonly double _loss;
    private readonly TopicOptions _options;
    private long _number;

    public TopicSimulation(int seed, double loss, TopicOptions? options = null) =>
        (_random, _loss, _options) = (new(seed), loss, options ?? new() { HistoryLength = 64 << 10 });

    /// <summary>Members of which the others have not heard yet.</summary>
    public HashSet<NodeId> Unheard { get; } = [];

    /// <summary>Whether a node may subscribe to a topic.</summary>
    public Func<NodeId, string, bool> Allows { get; init; } = static (_, _) => true;

    /// <summary>Whether others may publish to a topic for those at a node.</summary>
    public Func<NodeId, string, bool> AllowsAt { get; init; } = static (_, _) => true;

    public TimeSpan Now { get; private set; }

    public List<SimulatedNode> Nodes { get; } = [];

    public Random Random => _random;

    /// <summary>Who is there, as everybody sees it.</summary>
    public HashSet<NodeId> Visible { get; private set; } = [];

    public Dictionary<NodeId, SimulatedNode> ById { get; } = [];

    /// <summary>Those that the others do not reach, nor they the others.</summary>
    public HashSet<NodeId> Apart { get; } = [];

    public long Wall => 1_800_000_000_000 + (long)Now.TotalMilliseconds;

    public TopicOptions Options => _options;

    public SimulatedNode Add()
    {
        Span<byte> id = stackalloc byte[NodeId.Size];
        _random.NextBytes(id);
        var node = new SimulatedNode(this, NodeId.Read(id));
        Nodes.Add(node);
        ById.Add(node.Id, node);
        return node;
    }

    public bool IsCut(NodeId one, NodeId other) => Apart.Contains(one) != Apart.Contains(other);

    /// <summary>Cuts a node off, or lets it back. Its links end where they are to, else they are only silent.</summary>
    public void SetApart(SimulatedNode node, bool isApart, bool endsLinks = true)
    {
        if (!isApart) { Apart.Remove(node.Id); }
        else
        {
            Apart.Add(node.Id);
            if (endsLinks) { node.LoseAll(); }
        }
        Refresh();
    }

    public void At(TimeSpan when, Action what) => _events.Enqueue(what, (when, _number++));

    public void After(double milliseconds, Action what) => At(Now + TimeSpan.FromMilliseconds(milliseconds), what);

    public void RunUntil(TimeSpan end)
    {
        while (_events.TryPeek(out _, out var next) && next.At <= end)
        {
            Now = next.At;
            _events.Dequeue()();
        }
        Now = end;
    }

    /// <summary>Tells everybody who is there now; what crashed is noticed later.</summary>
    public void Refresh()
    {
        Visible = [.. Nodes.Where(node => node.IsAlive || node.CrashedAt + Detection > Now).Select(static node => node.Id)];
        var alive = Nodes.Where(node => Visible.Contains(node.Id)).ToArray();
        var neighbours = alive.ToDictionary(static node => node, static _ => new HashSet<NodeId>());
        for (var ring = 0; ring < 3; ring++)
        {
            var order = alive.OrderBy(node => InterestRecord.Mix(InterestRecord.TagOf(node.Id) ^ (ulong)(ring + 100))).ToArray();
            for (var i = 0; i < order.Length && order.Length > 1; i++)
            {
                var next = order[(i + 1) % order.Length];
                neighbours[order[i]].Add(next.Id);
                neighbours[next].Add(order[i].Id);
            }
        }
        foreach (var node in alive.Where(static node => node.IsAlive)) { node.HandleMembers(neighbours[node]); }
    }

    public double Latency(NodeId one, NodeId other) => 2 + (InterestRecord.Mix(InterestRecord.TagOf(one) ^ InterestRecord.TagOf(other)) % 40);

    /// <summary>How long a piece takes that is sent now: with each loss another round trip and a probe timeout's share.</summary>
    public double Travel(NodeId one, NodeId other)
    {
        var latency = Latency(one, other);
        var time = latency;
        while (_random.NextDouble() < _loss) { time += latency * 3; }
        return time;
    }

    /// <summary>The hops a message took to a node, by its number.</summary>
    internal sealed class Hops : ITopicInbox
    {
        private readonly SimulatedNode _node;

        public Hops(SimulatedNode node) => _node = node;

        public Dictionary<int, int> Heard { get; } = [];

        public int Duplicates { get; private set; }

        public long Missed { get; private set; }

        public bool TryAdd(TopicMessage message, bool isAcknowledged)
        {
            var number = BinaryPrimitives.ReadInt32BigEndian(message.Data.Span);
            var hops = _node.Sender is { } sender && sender.Inbox.Heard.TryGetValue(number, out var before) ? before + 1 : _node.Sender is null ? 0 : 1;
            if (!Heard.TryAdd(number, hops)) { Duplicates++; }
            return true;
        }

        public void AddMissed(string topic, NodeId publisher, long count) => Missed += count;
    }
}

/// <summary>One node of a simulation.</summary>
internal sealed class SimulatedNode
{
    private readonly TopicSimulation _world;
    private readonly TopicExchange _exchange;
    private readonly Dictionary<TopicLink, Pipe> _pipes = [];
    private TimeSpan _timer = TimeSpan.MaxValue;

    public SimulatedNode(TopicSimulation world, NodeId id)
    {
        (_world, Id) = (world, id);
        Inbox = new(this);
        _exchange = new(id, world.Options, new CheapTopicSeal(id), new SimulatedMembers(world, default), world.Now, world.Wall);
    }

    public NodeId Id { get; }

    public bool IsAlive { get; private set; } = true;

    public TimeSpan CrashedAt { get; private set; }

    public TopicSimulation.Hops Inbox { get; }

    public TopicExchange Exchange => _exchange;

    /// <summary>Whose bytes are being handled.</summary>
    public SimulatedNode? Sender { get; private set; }

    public long SentBytes { get; private set; }

    public void HandleMembers(IReadOnlyCollection<NodeId> neighbours)
    {
        _exchange.HandleMembers(new SimulatedMembers(_world, Id), neighbours, _world.Now, _world.Wall);
        Flush();
    }

    public void Subscribe(string filter, SubscribeOptions? options = null)
    {
        _exchange.Subscribe(new(filter, options ?? new(), Inbox), _world.Now, _world.Wall);
        Flush();
    }

    public void Subscribe(LocalSubscription subscription)
    {
        _exchange.Subscribe(subscription, _world.Now, _world.Wall);
        Flush();
    }

    public void Unsubscribe(LocalSubscription subscription)
    {
        _exchange.Unsubscribe(subscription, _world.Now, _world.Wall);
        Flush();
    }

    public void Publish(string topic, int number, bool isRetained = false)
    {
        var data = new byte[128];
        BinaryPrimitives.WriteInt32BigEndian(data, number);
        _exchange.Publish(topic, data, new() { Retain = isRetained }, null, _world.Now, _world.Wall);
        Flush();
    }

    public void SetWill(string topic, int number)
    {
        var data = new byte[128];
        BinaryPrimitives.WriteInt32BigEndian(data, number);
        _exchange.SetWill(topic, data, isRetained: false, _world.Now, _world.Wall);
        Flush();
    }

    public void Crash()
    {
        (IsAlive, CrashedAt) = (false, _world.Now);
        foreach (var pipe in _pipes.Values.ToArray())
        {
            var other = pipe.Other;
            // QUIC notices by itself after a while, and the mesh sooner.
            _world.After(3000, () => other?.Node.Lose(other.Link));
        }
    }

    public void LoseAll()
    {
        foreach (var (link, pipe) in _pipes.ToArray())
        {
            pipe.Other?.Node.Lose(pipe.Other.Link);
            Lose(link);
        }
    }

    private void Flush()
    {
        while (_exchange.TryTakeWriting(out var link)) { Write(link); }
        while (_exchange.TryTakeClosing(out var link))
        {
            if (_pipes.Remove(link, out var pipe) && pipe.Other is { } other) { _world.After(_world.Latency(Id, other.Node.Id), () => other.Node.Lose(other.Link)); }
        }
        while (_exchange.TryTakeConnecting(out var node)) { Open(node); }
        var deadline = _exchange.Deadline;
        if (deadline >= _timer) { return; }
        _timer = deadline;
        _world.At(deadline, HandleTimer);
    }

    private void HandleTimer()
    {
        if (!IsAlive || _timer > _world.Now) { return; }
        _timer = TimeSpan.MaxValue;
        Sender = null;
        _exchange.HandleTimeout(_world.Now, _world.Wall);
        Flush();
    }

    // The writer of a link sends what is there, and comes back a little later for what has gathered meanwhile.
    private void Write(TopicLink link)
    {
        var bytes = _exchange.TakeOutput(link);
        if (bytes.Count == 0) { return; }
        var copy = bytes.ToArray();
        ArrayPool<byte>.Shared.Return(bytes.Array!);
        SentBytes += copy.Length;
        if (_pipes.TryGetValue(link, out var pipe)) { pipe.Send(copy); }
        _world.After(0.1, () => { if (IsAlive) { Write(link); } });
    }

    private void Open(NodeId node)
    {
        var other = _world.ById[node];
        _world.After(_world.Latency(Id, node) * 2, () =>
        {
            if (!IsAlive) { return; }
            if (!other.IsAlive || _world.IsCut(Id, node)) { _world.After(5000, () => { if (IsAlive) { _exchange.HandleConnectFailed(node, _world.Now, _world.Wall); Flush(); } }); return; }
            if (_exchange.HandleLinkUp(node, isOurs: true, _world, _world.Now, _world.Wall) is { } link)
            {
                var ours = new Pipe(_world, this, link);
                _pipes.Add(link, ours);
                ours.Opens(other);
            }
            Flush();
        });
    }

    private void Lose(TopicLink link)
    {
        if (!IsAlive || !_pipes.Remove(link)) { return; }
        _exchange.HandleLinkDown(link, _world.Now, _world.Wall);
        Flush();
    }

    private void Handle(SimulatedNode from, TopicLink link, byte[] bytes)
    {
        Sender = from;
        for (var at = 0; ;)
        {
            var taken = _exchange.HandleBytes(link, bytes.AsSpan(at), _world.Now, _world.Wall);
            Assert.True(taken >= 0, "a frame is none");
            at += taken;
            if (link.Unverified is not { } batch)
            {
                Assert.True(link.IsGone || at == bytes.Length, "frames are written whole");
                break;
            }
            Assert.True(_exchange.IsSigned(batch));
            _exchange.HandleVerified(link, _world.Now, _world.Wall);
        }
        Sender = null;
        Flush();
    }

    /// <summary>One end of a stream.</summary>
    private sealed class Pipe(TopicSimulation world, SimulatedNode node, TopicLink link)
    {
        private SimulatedNode? _opens;
        private TimeSpan _arrives;
        private bool _isRefused;

        public SimulatedNode Node => node;

        public TopicLink Link => link;

        public Pipe? Other { get; private set; }

        public void Opens(SimulatedNode other) => _opens = other;

        public void Send(byte[] bytes)
        {
            var to = Other?.Node ?? _opens;
            if (to is null) { return; }
            var arrives = world.Now + TimeSpan.FromMilliseconds(world.Travel(node.Id, to.Id));
            if (arrives < _arrives) { arrives = _arrives; }
            _arrives = arrives;
            world.At(arrives, () => Arrive(to, bytes));
        }

        private void Arrive(SimulatedNode to, byte[] bytes)
        {
            if (!to.IsAlive || _isRefused) { return; }
            if (Other is null)
            {
                if (to._exchange.HandleLinkUp(node.Id, isOurs: false, world, world.Now, world.Wall) is not { } accepted)
                {
                    _isRefused = true;
                    world.After(world.Latency(node.Id, to.Id), () => node.Lose(link));
                    return;
                }
                Other = new(world, to, accepted) { Other = this };
                to._pipes.Add(accepted, Other);
            }
            if (to._pipes.ContainsKey(Other.Link)) { to.Handle(node, Other.Link, bytes); }
        }
    }
}

/// <summary>The network as one node sees it at one moment; everything is allowed that <see cref="TopicSimulation.Allows"/> lets.</summary>
internal sealed class SimulatedMembers(TopicSimulation world, NodeId self) : ITopicMembers
{
    private readonly HashSet<NodeId> _reachable = [.. world.Visible.Where(node => node != self && !self.IsDefault && !world.IsCut(node, self) && !world.Unheard.Contains(node))];

    public IReadOnlyCollection<NodeId> Reachable => _reachable;

    public bool IsMember(NodeId node) => world.ById.ContainsKey(node) && (node == self || !world.Unheard.Contains(node));

    public bool IsReachable(NodeId node) => _reachable.Contains(node);

    public bool MayPublish(NodeId node, NodeId at, string topic) => world.AllowsAt(at, topic);

    public bool MaySubscribe(NodeId node, NodeId at, string topic) => world.Allows(node, topic);
}
