using Coco.Crypto;
using Coco.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Media;

/// <summary>
/// Live streams of a node, of media or other data that is worth less the older it is: each has tracks, a track has groups that can be understood
/// without others, a group has objects. What is late is dropped and not queued. Who may subscribe the producer decides, by the network's policy. Thread-safe.
/// </summary>
public sealed partial class NodeStreams
{
    private static readonly TimeSpan SweepTime = TimeSpan.FromSeconds(10);

    private readonly MediaContext _context;
    private readonly ITimer _sweep;
    private readonly Lock _lock = new(); // guards what follows; no other is taken under it
    private readonly Dictionary<(NodeId Producer, string Name), Distribution> _distributions = [];
    private readonly List<PublishedStream> _published = [];
    private readonly List<StreamSubscription> _subscriptions = [];
    private readonly Dictionary<ulong, Upstream> _upstreams = [];
    private readonly HashSet<NodeConnection> _served = [];
    private ulong _nextNumber;
    private bool _isClosed;

    internal NodeStreams(MemberLoop loop, NodeOptions options, IdentityKey key)
    {
        _context = new(loop, options, key, options.LoggerFactory?.CreateLogger("Coco") ?? (ILogger)NullLogger.Instance);
        Sessions = new(loop, SessionUse.Media, static connection => new(connection), options.TimeProvider);
        loop.Serve(SessionUse.Media, ServeAsync);
        loop.Tasks.TryRun(RecheckAsync);
        _sweep = options.TimeProvider.CreateTimer(_ => loop.Tasks.TryRun(Sessions.CloseIdleAsync), null, SweepTime, SweepTime);
    }

    /// <summary>Streams that this node publishes.</summary>
    public IReadOnlyList<PublishedStream> Published
    {
        get
        {
            lock (_lock) { return [.. _published]; }
        }
    }

    /// <summary>Streams that this node subscribes to.</summary>
    public IReadOnlyList<StreamSubscription> Subscriptions
    {
        get
        {
            lock (_lock) { return [.. _subscriptions]; }
        }
    }

    internal SessionPool<MediaSession> Sessions { get; }

    /// <summary>Publishes a stream, which has no tracks at first, to those whom the network's policy lets subscribe to its name.</summary>
    /// <param name="name">What it is called: labels of a-z, 0-9, '.', '-' and '_' with '/' between them, as in <c>camera/door</c>.</param>
    /// <param name="options">How it is published.</param>
    /// <exception cref="CocoException"><see cref="CocoError.NameInUse"/> or <see cref="CocoError.Overloaded"/>.</exception>
    public Task<PublishedStream> PublishAsync(string name, MediaPublishOptions? options = null)
    {
        StreamNames.Require(name);
        var stream = new PublishedStream(this, _context, name, options ?? new());
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (_distributions.Count < _context.Options.MaxStreams && _distributions.TryAdd((_context.Self, name), stream.Distribution))
            {
                _published.Add(stream);
                return Task.FromResult(stream);
            }
        }
        return FailAsync(stream);
    }

    /// <summary>Subscribes to a stream of another node's. Returns when it is on its way; who joins gets the newest group of each track first.</summary>
    /// <param name="producer">Whose stream.</param>
    /// <param name="name">Its name.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CocoException"><see cref="CocoError.Denied"/>, <see cref="CocoError.NotOffered"/>, <see cref="CocoError.Overloaded"/> or
    /// <see cref="CocoError.Unreachable"/>, mostly.</exception>
    public async Task<StreamSubscription> SubscribeAsync(
        NodeId producer, string name, MediaSubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (producer.IsDefault) { throw new ArgumentException("The node whose stream it is is missing.", nameof(producer)); }
        if (producer == _context.Self) { throw new ArgumentException("The stream is this node's own.", nameof(producer)); }
        StreamNames.Require(name);
        var subscription = new StreamSubscription(this, _context, producer, name, options ?? new());
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (_subscriptions.Count == _context.Options.MaxSubscriptions)
            {
                throw new CocoException(CocoError.Overloaded, $"This node has {_subscriptions.Count} subscriptions, and no more are allowed. Dispose of some, or allow more in {nameof(MediaOptions)}.");
            }
            _subscriptions.Add(subscription);
        }
        await subscription.StartAsync(cancellationToken).ConfigureAwait(false);
        return subscription;
    }

    /// <summary>The same, with the node's name.</summary>
    public Task<StreamSubscription> SubscribeAsync(string producer, string name, MediaSubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(producer);
        var node = _context.Loop.View.Members.FirstOrDefault(member => string.Equals(member.Name, producer, StringComparison.Ordinal)) ?? throw Failures.NotKnown(producer);
        return SubscribeAsync(node.Id, name, options, cancellationToken);
    }

    /// <summary>Ends all; the node's part.</summary>
    internal async Task DisposeAsync()
    {
        PublishedStream[] published;
        StreamSubscription[] subscriptions;
        lock (_lock)
        {
            _isClosed = true;
            (published, subscriptions) = ([.. _published], [.. _subscriptions]);
        }
        await _sweep.DisposeAsync().ConfigureAwait(false);
        foreach (var stream in published) { await stream.DisposeAsync().ConfigureAwait(false); }
        await Task.WhenAll(subscriptions.Select(static one => one.DisposeAsync().AsTask())).ConfigureAwait(false);
        await Sessions.CloseAsync().ConfigureAwait(false);
    }

    internal void Forget(PublishedStream stream)
    {
        lock (_lock) { _published.Remove(stream); }
        Forget(stream.Distribution);
    }

    internal void Forget(StreamSubscription subscription)
    {
        lock (_lock) { _subscriptions.Remove(subscription); }
    }

    internal void Forget(Distribution distribution)
    {
        lock (_lock)
        {
            var key = (distribution.Producer, distribution.Name);
            if (_distributions.GetValueOrDefault(key) == distribution) { _distributions.Remove(key); }
        }
    }

    private async Task<PublishedStream> FailAsync(PublishedStream stream)
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        throw Published.Any(one => one.Name == stream.Name)
            ? new CocoException(CocoError.NameInUse, $"This node publishes a stream {stream.Name} already. Close that one, or choose another name.")
            : new CocoException(CocoError.Overloaded, $"This node sends as many streams as are allowed. Close some, or allow more in {nameof(MediaOptions)}.");
    }
}
