using System.Security.Cryptography;
using Coco.Crypto;
using Coco.Data;
using Coco.Data.Core;
using Coco.Quic.Packets;

namespace Coco.Tests.Data;

/// <summary>Nodes that hold one shared collection, on links that go up and down, with disks that lose what was not committed when a node crashes.</summary>
internal sealed class DataSimulation
{
    private readonly Random _random;
    private readonly HashSet<(int, int)> _cut = [];
    private readonly List<SimulatedNode> _nodes = [];

    public DataSimulation(int seed, int count, DataOptions? options = null)
    {
        _random = new(seed);
        Options = options ?? new();
        for (var i = 0; i < count; i++) { _nodes.Add(new(this, i)); }
        for (var i = 0; i < count; i++) { Reconnect(i); }
    }

    public static CollectionName Name { get; } = CollectionName.Shared("notes");

    public DataOptions Options { get; }

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    public TimeSpan Now { get; private set; }

    public long Wall { get; set; } = 1_800_000_000_000;

    /// <summary>Nodes whose writes are taken from nobody but those who may write.</summary>
    public HashSet<NodeId> Removed { get; } = [];

    /// <summary>The newest version of each key that was on somebody's disk when it was written.</summary>
    public Dictionary<Digest, (EntryVersion Version, Digest Content)> Newest { get; } = [];

    public static NodeId IdOf(int index) => NodeId.Read(SHA256.HashData([(byte)index]));

    public void Write(int node, string key, string? value)
    {
        var one = _nodes[node];
        var record = one.Exchange.Write(one.Table, System.Text.Encoding.UTF8.GetBytes(key), System.Text.Encoding.UTF8.GetBytes(value ?? ""), value is null, Wall);
        one.Exchange.Push(one.Table, record, 0, Now);
        one.Written.Add((record.KeyHash, record.Version, record.ContentHash));
    }

    public void RandomStep(int keys)
    {
        var node = _random.Next(_nodes.Count);
        switch (_random.Next(20))
        {
            case < 6: Write(node, $"key{_random.Next(keys)}", _random.Next(4) == 0 ? null : $"value{_random.Next()}"); break;
            case < 10: _nodes[node].Commit(); break;
            case < 16: Deliver(_random.Next(1, 10)); break;
            case 16: Cut(node, _random.Next(_nodes.Count)); break;
            case 17: Heal(node, _random.Next(_nodes.Count)); break;
            case 18 when _random.Next(4) == 0: Crash(node); break;
            default: Advance(TimeSpan.FromMilliseconds(_random.Next(2000))); break;
        }
    }

    public void Cut(int a, int b)
    {
        if (a == b || !_cut.Add((Math.Min(a, b), Math.Max(a, b)))) { return; }
        _nodes[a].Disconnect(IdOf(b));
        _nodes[b].Disconnect(IdOf(a));
    }

    public void Heal(int a, int b)
    {
        if (_cut.Remove((Math.Min(a, b), Math.Max(a, b)))) { Connect(a, b); }
    }

    public void CutOff(int node)
    {
        for (var i = 0; i < _nodes.Count; i++) { Cut(node, i); }
    }

    public void HealAll()
    {
        foreach (var (a, b) in _cut.ToArray()) { Heal(a, b); }
    }

    public void Crash(int node)
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            if (i != node) { _nodes[i].Disconnect(IdOf(node)); }
        }
        _nodes[node].Restart();
        Reconnect(node);
    }

    public void Advance(TimeSpan time)
    {
        Now += time;
        Wall += (long)time.TotalMilliseconds;
        foreach (var node in _nodes)
        {
            if (node.Exchange.Deadline <= Now) { node.Exchange.HandleTimeout(Now, Wall); }
        }
    }

    /// <summary>Lets everything arrive and all timers fire for a while.</summary>
    public void Settle(TimeSpan time)
    {
        for (var until = Now + time; Now < until; Advance(TimeSpan.FromMilliseconds(250)))
        {
            for (var isBusy = true; isBusy;)
            {
                foreach (var node in _nodes) { node.Commit(); }
                isBusy = Deliver(100) > 0;
            }
        }
    }

    public int Deliver(int count)
    {
        var delivered = 0;
        while (delivered < count)
        {
            var before = delivered;
            foreach (var node in _nodes.ToArray())
            {
                foreach (var link in node.Exchange.Links.ToArray())
                {
                    if (node.HasUncommitted || !link.TryTake(out var frame)) { continue; }
                    delivered++;
                    var to = _nodes.First(one => IdOf(one.Index) == link.Peer);
                    to.Receive(IdOf(node.Index), frame);
                }
            }
            if (delivered == before) { return delivered; }
        }
        return delivered;
    }

    private void Reconnect(int node)
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            if (i != node && !_cut.Contains((Math.Min(i, node), Math.Max(i, node)))) { Connect(i, node); }
        }
    }

    private void Connect(int a, int b)
    {
        _nodes[a].Exchange.HandleLinkUp(IdOf(b));
        _nodes[b].Exchange.HandleLinkUp(IdOf(a));
    }
}

internal sealed class SimulatedNode : IEntryLog, IDataMembers, IEntrySigner
{
    private readonly DataSimulation _simulation;
    private readonly List<Action<SimulatedNode>> _disk = []; // what replaying does
    private int _durable;
    private long _next = 1;

    public SimulatedNode(DataSimulation simulation, int index)
    {
        (_simulation, Index) = (simulation, index);
        Restart();
    }

    public int Index { get; }

    public DataExchange Exchange { get; private set; } = null!;

    public DataTable Table { get; private set; } = null!;

    public List<(Digest Key, EntryVersion Version, Digest Content)> Written { get; } = [];

    public long FrameBytes { get; private set; }

    public Dictionary<Refusal, int> Refused { get; } = [];

    public bool HasUncommitted => _durable < _disk.Count;

    public SortedDictionary<string, string> Values => new(Table.Entries.Where(static record => !record.IsDeleted)
        .ToDictionary(static record => record.Name!, record => System.Text.Encoding.UTF8.GetString(Exchange.Load(record)!.Value.Span)), StringComparer.Ordinal);

    public void Restart()
    {
        _disk.RemoveRange(_durable, _disk.Count - _durable);
        Written.Clear();
        Exchange = new(DataSimulation.IdOf(Index), _simulation.Options, this, this, this)
        {
            Refused = (_, _, count, why) => Refused[why] = Refused.GetValueOrDefault(why) + count,
        };
        Table = Exchange.Add(DataSimulation.Name, 1);
        Table.IsOpened = true;
        Table.Open = static entry => SeenEntry.Of(System.Text.Encoding.UTF8.GetString(entry.Key));
        foreach (var replay in _disk) { replay(this); }
    }

    public void Commit()
    {
        _durable = _disk.Count;
        foreach (var (key, version, content) in Written)
        {
            if (!_simulation.Newest.TryGetValue(key, out var known) || SignedEntry.Compare(version, content, known.Version, known.Content) > 0) { _simulation.Newest[key] = (version, content); }
        }
        Written.Clear();
        Exchange.HandleCommitted(_next - 1);
    }

    public void Disconnect(NodeId peer)
    {
        if (Exchange.FindLink(peer) is { } link) { Exchange.HandleLinkDown(link); }
    }

    public void Receive(NodeId from, byte[] bytes)
    {
        if (Exchange.FindLink(from) is not { } link) { return; }
        FrameBytes += bytes.Length;
        var reader = new SpanReader(bytes);
        Assert.True(reader.TryReadVarInt(out var type));
        Assert.True(reader.TryReadVarIntBytes(out var body));
        Assert.True(reader.IsEmpty);
        var frame = Exchange.Read((DataFrameType)type, body);
        Assert.NotNull(frame);
        Exchange.Handle(link, frame, _simulation.Now, _simulation.Wall);
    }

    public void Append(DataTable table)
    {
        var floor = table.Floor;
        _disk.Add(node => node.Table.Floor = floor);
        _next++;
    }

    public (long Number, int Length) Append(DataTable table, SignedEntry entry)
    {
        var number = _next++;
        _disk.Add(node => node.Exchange.Replay(node.Table, entry, number, entry.Bytes.Length));
        return (number, entry.Bytes.Length);
    }

    public void AppendDropped(DataTable table, Digest key)
    {
        _disk.Add(node => node.Table.Remove(key));
        _next++;
    }

    public byte[]? Read(EntryRecord record) => throw new InvalidOperationException("All values are short.");

    public void Release(long number, int length) { }

    public bool MayWrite(NodeId node, CollectionName collection) => !_simulation.Removed.Contains(node);

    public bool MayRead(NodeId node, CollectionName collection) => true;

    public bool Keeps(CollectionName collection) => false;

    // Cheap, and as good where nobody forges.
    public void Sign(Digest collection, ReadOnlySpan<byte> body, Span<byte> signature) => SHA512.HashData(body, signature);

    public bool Verify(NodeId writer, Digest collection, ReadOnlySpan<byte> body, ReadOnlySpan<byte> signature) => SHA512.HashData(body).AsSpan().SequenceEqual(signature);
}
