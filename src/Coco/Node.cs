using System.Runtime.InteropServices;
using Coco.Cluster;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Crypto;
using Coco.Data;
using Coco.Discovery;
using Coco.Hosting;
using Coco.Media;
using Coco.Messages;
using Coco.Storing;
using Coco.Topics;
using Coco.Telemetry;
using Coco.Tunnels;

namespace Coco;

/// <summary>
/// A member of a private network: sees the other members, connects to them by name, and is found and reached by them as long as there is any
/// way. A process may have many, in many networks, on the sockets of one <see cref="CocoHost"/>. Thread-safe.
/// </summary>
public sealed partial class Node : IAsyncDisposable
{
    private readonly NodeOptions _options;
    private readonly MemberLoop _loop;
    private readonly MemberStore? _store;
    private readonly bool _ownsHost;
    private readonly NodeDiscovery? _lan;
    private readonly MemberKeys _keys;
    private readonly Lock _shownLock = new(); // guards _shown
    private readonly Dictionary<NodeId, (MemberInfo Member, Peer Peer)> _shown = []; // without a link, as they were shown last
    private string? _recoveryKey;
    private Task? _disposal;

    private Node(NodeOptions options, MemberLoop loop, NetworkMember member, MemberStore? store, bool ownsHost, NodeDiscovery? lan)
    {
        (_options, _loop, _store, _ownsHost, _lan, _keys) = (options, loop, store, ownsHost, lan, member.Keys);
        (Id, Network) = (member.Self, member.Network);
        Tunnels = new(loop, options);
        Topics = new(loop, options, member.Keys.Node);
        Messages = new(loop, options, member.Keys.Node);
        Streams = new(loop, options, member.Keys.Node);
        Store = new(loop, options, member.Keys);
        NodeMetrics.Started();
    }

    internal MemberLoop Loop => _loop;

    /// <summary>The node's identity, which it has in this network only.</summary>
    public NodeId Id { get; }

    /// <summary>The network.</summary>
    public NetworkId Network { get; }

    /// <summary>What people call the network.</summary>
    public string NetworkName => _loop.View.Network;

    /// <summary>What the node is called.</summary>
    public string Name => _loop.View.Name;

    /// <summary>Whose node it is.</summary>
    public UserId User => _loop.View.User;

    /// <summary>The user's role.</summary>
    public Role Role => _loop.View.Role;

    /// <summary>Whether the node was removed from the network: it is of no use any more but to be disposed of.</summary>
    public bool IsRemoved => _loop.View.IsRemoved;

    /// <summary>The host whose sockets the node uses.</summary>
    public CocoHost Host => _options.Host!;

    /// <summary>Services of this node's that others reach by name, and theirs that are reached here.</summary>
    public NodeTunnels Tunnels { get; }

    /// <summary>Messages to other members, present or not, and from them.</summary>
    public NodeMessages Messages { get; }

    /// <summary>What members publish to topics, and what is published here.</summary>
    public NodeTopics Topics { get; }

    /// <summary>Live media and data: streams of this node's, and those of others that it subscribes to.</summary>
    public NodeStreams Streams { get; }

    /// <summary>The app's data on its users' devices: entries and blobs, which the nodes that hold them keep equal.</summary>
    public NodeData Store { get; }

    /// <summary>The other members this node knows, as of a moment ago.</summary>
    public IReadOnlyList<Peer> Peers
    {
        get
        {
            var (view, links) = (_loop.View, _loop.Connections);
            var peers = new List<Peer>(view.Members.Count);
            lock (_shownLock)
            {
                if (_shown.Count > view.Members.Count * 2) { _shown.Clear(); } // many have gone
                foreach (var member in view.Members)
                {
                    if (member.Id != Id) { peers.Add(links.TryGetValue(member.Id, out var link) ? PeerOf(member, link) : Shown(member)); }
                }
            }
            return peers;
        }
    }

    /// <summary>Who is linked with whom, as of a moment ago.</summary>
    public NodeGraph Graph => _loop.View.Graph;

    /// <summary>What happens from the first call of the enumerator on, until the node is disposed. Who falls behind by a thousand events loses the oldest.</summary>
    public async IAsyncEnumerable<NodeEvent> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watcher = _loop.Watch();
        try
        {
            await foreach (var happened in watcher.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) { yield return happened; }
        }
        finally
        {
            _loop.Unwatch(watcher);
        }
    }

    /// <summary>Waits until what the node sees satisfies.</summary>
    /// <param name="predicate">What is waited for, for example <c>node => node.Peers.Any(peer => peer.Name == "server")</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ObjectDisposedException">The node was disposed meanwhile.</exception>
    public async Task WaitForAsync(Func<Node, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        var watcher = _loop.WatchViews();
        try
        {
            while (!predicate(this))
            {
                ObjectDisposedException.ThrowIf(!await watcher.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false), this);
                while (watcher.Reader.TryRead(out _)) { }
            }
        }
        finally
        {
            _loop.Unwatch(watcher);
        }
    }

    /// <summary>Connects to a member by its name. In an open network one that is not known here is looked up first.</summary>
    /// <exception cref="CocoException"><see cref="CocoError.NotFound"/> or <see cref="CocoError.Unreachable"/>, mostly.</exception>
    public Task<NodeConnection> ConnectAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return NodeMetrics.MeasureAsync(Id, name, () => _loop.ConnectAsync(default, name, SessionUse.App, cancellationToken));
    }

    /// <summary>Connects to a member. In an open network one that is not known here is looked up first.</summary>
    /// <exception cref="CocoException"><see cref="CocoError.NotFound"/> or <see cref="CocoError.Unreachable"/>, mostly.</exception>
    public Task<NodeConnection> ConnectAsync(NodeId node, CancellationToken cancellationToken = default)
    {
        if (node.IsDefault) { throw new ArgumentException("The node to connect to is missing.", nameof(node)); }
        return NodeMetrics.MeasureAsync(Id, node.ToString(), () => _loop.ConnectAsync(node, null, SessionUse.App, cancellationToken));
    }

    /// <summary>The next connection that a member's app opened.</summary>
    /// <exception cref="ObjectDisposedException">The node is disposed.</exception>
    public async ValueTask<NodeConnection> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _loop.Accepted.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (System.Threading.Channels.ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(Node), "The node is disposed.");
        }
    }

    /// <summary>The connections that members' apps open, until the node is disposed.</summary>
    public IAsyncEnumerable<NodeConnection> AcceptAllAsync(CancellationToken cancellationToken = default) => _loop.Accepted.ReadAllAsync(cancellationToken);

    /// <summary>The key with which ownership can be recovered, as text: once, right after <see cref="CreateNetworkAsync"/>; null at any other time. It is kept
    /// nowhere: write it down and put it away.</summary>
    public string? TakeRecoveryKey() => Interlocked.Exchange(ref _recoveryKey, null);

    /// <summary>Says goodbye to the others, closes all connections, and the store. Twice is safe.</summary>
    public ValueTask DisposeAsync()
    {
        if (Volatile.Read(ref _disposal) is { } running) { return new(running); }
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _disposal, source.Task, null) is { } other) { return new(other); }
        return new(StopAsync(source));
    }

    private async Task StopAsync(TaskCompletionSource source)
    {
        try
        {
            if (_lan is not null) { await _lan.DisposeAsync().ConfigureAwait(false); }
            await Streams.DisposeAsync().ConfigureAwait(false);
            await Tunnels.DisposeAsync().ConfigureAwait(false);
            await Messages.DisposeAsync().ConfigureAwait(false);
            await Topics.DisposeAsync().ConfigureAwait(false);
            await Store.DisposeAsync().ConfigureAwait(false);
            await _loop.DisposeAsync().ConfigureAwait(false);
            await Host.DetachAsync(Id).ConfigureAwait(false);
            if (_ownsHost) { await Host.DisposeAsync().ConfigureAwait(false); }
            if (_store is not null) { await _store.DisposeAsync().ConfigureAwait(false); }
            _keys.Node.Dispose();
            _keys.User.Dispose();
        }
        finally
        {
            NodeMetrics.Stopped();
            source.TrySetResult();
        }
    }

    // Under its lock. Of most members nothing changes from one view to the next, and apps ask for all of them at each.
    private Peer Shown(MemberInfo member)
    {
        ref var shown = ref CollectionsMarshal.GetValueRefOrAddDefault(_shown, member.Id, out _);
        if (shown.Peer is null || !ReferenceEquals(shown.Member, member)) { shown = (member, PeerOf(member, null)); }
        return shown.Peer;
    }

    private static Peer PeerOf(MemberInfo member, Transport.Connection? connection)
    {
        var path = connection?.ActivePath;
        return new()
        {
            Id = member.Id, Name = member.Name, User = member.User, Role = member.Role, App = member.IsDevice ? null : member.App,
            SubCluster = member.SubCluster, Class = member.Class, Tags = member.Tags, IsReachable = member.IsReachable, Hops = member.Hops,
            PathType = path?.Type, RoundTripTime = path is { RoundTripTime.Ticks: > 0 } ? path.RoundTripTime : null,
        };
    }
}
