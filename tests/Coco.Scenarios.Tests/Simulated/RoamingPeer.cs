using Coco.Crypto;
using Coco.Lab.Simulated;
using Coco.Quic.Streams;
using Coco.Traversal.Relays;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>A roaming endpoint on a simulated host, with an application that fills streams and reads whatever peers send.</summary>
internal sealed class RoamingPeer : IDisposable
{
    private readonly IdentityKey _key;
    private readonly List<StreamTransfer> _transfers = [];
    private readonly Dictionary<(RoamingConnection Connection, long Stream), long> _received = [];
    private readonly List<RoamingConnection> _connections = [];
    private readonly byte[] _chunk = new byte[65_536];
    private TimeSpan _lastArrival;
    private TimeSpan _longestGap;

    /// <param name="host">Where it runs.</param>
    /// <param name="seed">Its identity follows from this and the internet's seed.</param>
    /// <param name="options">What it listens on.</param>
    /// <param name="change">Changes to the endpoint's options.</param>
    /// <param name="life">Another for each time that the same identity is started.</param>
    /// <param name="isHostile">Whether it may do harm to what it passes on.</param>
    public RoamingPeer(SimulatedHost host, ulong seed, SimulatedNodeOptions? options = null, Func<RoamingOptions, RoamingOptions>? change = null, ulong life = 0, bool isHostile = false)
    {
        _key = IdentityKey.Generate(new SeededRandomSource((host.Internet.Seed << 16) + seed));
        var random = new SeededRandomSource((host.Internet.Seed << 32) + (life << 16) + seed);
        var roaming = new RoamingOptions { Identities = [_key] };
        Endpoint = new(change?.Invoke(roaming) ?? roaming, random);
        if (isHostile) { Hostile = new(new RoamingProgram(Endpoint), (int)seed); }
        Node = new(host, Hostile ?? (ISimulatedProgram)new RoamingProgram(Endpoint), options) { Application = Pump };
        Node.Start();
    }

    public NodeId Id => _key.Id;

    public RoamingEndpoint Endpoint { get; }

    public SimulatedNode Node { get; }

    /// <summary>The harm it does; null for a node that can do none.</summary>
    public HostileHop? Hostile { get; }

    public List<RoamingConnection> Accepted { get; } = [];

    /// <summary>Bytes of all streams that arrived, each as it should be.</summary>
    public long BytesReceived => _received.Values.Sum();

    /// <summary>Streams that arrived whole.</summary>
    public int StreamsReceived { get; private set; }

    /// <summary>Called and accepted.</summary>
    public IReadOnlyList<RoamingConnection> Connections => _connections;

    /// <summary>How often its connections have begun to use another path.</summary>
    public int PathChanges { get; private set; }

    /// <summary>What was wrong with what arrived; null for nothing.</summary>
    public string? Fault { get; private set; }

    /// <summary>The longest time in which nothing arrived since <see cref="WatchGaps"/>, the one that still lasts included.</summary>
    public TimeSpan LongestGap => Now - _lastArrival > _longestGap ? Now - _lastArrival : _longestGap;

    private TimeSpan Now => Node.Host.Internet.Now;

    public void WatchGaps() => (_longestGap, _lastArrival) = (TimeSpan.Zero, Now);

    public RoamingConnection Call(RoamingPeer callee, params string[] addresses) =>
        Call(new RoamingTarget(callee.Id) { Addresses = [.. addresses.Select(SimulatedInternet.Address)] });

    public RoamingConnection Call(RoamingPeer callee, RelayInfo relay) => Call(new RoamingTarget(callee.Id) { Relays = [relay] });

    public RoamingConnection Call(RoamingTarget target)
    {
        RoamingConnection? call = null;
        Node.Act(now => _connections.Add(call = Endpoint.Connect(target, now)));
        return call!;
    }

    /// <summary>Sends so many bytes on a new stream.</summary>
    public StreamTransfer Send(RoamingConnection connection, long length)
    {
        Assert.True(connection.Quic!.TryOpenStream(bidirectional: false, out var id), "no stream to be had");
        var transfer = new StreamTransfer(connection.Quic, id, length);
        Node.Act(_ => _transfers.Add(transfer));
        return transfer;
    }

    public void Dispose()
    {
        Node.Stop();
        Endpoint.Dispose();
        _key.Dispose();
    }

    private void Pump()
    {
        while (Endpoint.TryAccept(out var accepted))
        {
            Accepted.Add(accepted);
            _connections.Add(accepted);
        }
        while (Endpoint.TryTakeReady(out var ready)) { TakeNews(ready); }
        foreach (var transfer in _transfers) { transfer.Pump(); }
        _transfers.RemoveAll(transfer => transfer.IsWritten);
    }

    private void TakeNews(RoamingConnection connection)
    {
        while (connection.TryTakeEvent(out var happened)) { PathChanges += happened.Kind is RoamingEventKind.PathChanged ? 1 : 0; }
        while (connection.TryTakeStreamEvent(out var news))
        {
            if (news.Kind is StreamEventKind.Opened or StreamEventKind.Readable) { Read(connection, news.Id); }
        }
    }

    private void Read(RoamingConnection connection, long id)
    {
        var offset = _received.GetValueOrDefault((connection, id));
        while (connection.Quic!.Read(id, _chunk, out var read, out var fin).Status == StreamReadStatus.Ok)
        {
            var fault = StreamPattern.FindFault(_chunk.AsSpan(0, read), offset);
            if (fault >= 0) { Fault ??= $"stream {id} is wrong at {fault}"; }
            offset += read;
            if (read > 0) { (_longestGap, _lastArrival) = (LongestGap, Now); }
            if (fin) { StreamsReceived++; }
            if (fin || read == 0) { break; }
        }
        _received[(connection, id)] = offset;
    }
}
