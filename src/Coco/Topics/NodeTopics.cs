using Coco.Crypto;
using Coco.Hosting;
using Coco.Telemetry;
using Coco.Topics.Core;

namespace Coco.Topics;

/// <summary>
/// Topics of the network: what members publish reaches those who subscribe, and nobody keeps it in between but members. Who may publish and
/// subscribe to what, each node decides by the network's policy: at first the owner alone. Thread-safe.
/// </summary>
public sealed partial class NodeTopics
{
    // Chosen: links to neighbours are made within this, or the first message goes to those that are there.
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(2);

    // Chosen: whoever publishes waits no longer for subscribers that take nothing, and they miss what is overwritten.
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    // The wire has milliseconds.
    private static readonly TimeSpan WallStep = TimeSpan.FromMilliseconds(1);

    private readonly MemberLoop _loop;
    private readonly TopicOptions _options;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private readonly Lock _lock = new(); // guards what follows
    private readonly TopicExchange _exchange;
    private readonly HashSet<TopicSubscription> _subscriptions = [];
    private readonly HashSet<TopicStream> _streams = [];
    private NodeView? _membersOf;
    private TimeSpan _timerDue = TimeSpan.MaxValue;
    private TimeSpan _wallReadAt = TimeSpan.MinValue / 2;
    private long _wall;
    private bool _isActive;
    private bool _isClosed;
    private volatile bool _isSettled;

    internal NodeTopics(MemberLoop loop, NodeOptions options, IdentityKey key)
    {
        (_loop, _options, _time) = (loop, options.Topics, options.TimeProvider);
        _start = _time.GetTimestamp();
        _keys = new(loop.Self, key, _options);
        _exchange = new(loop.Self, _options, new NetworkSeal(loop.Network, key), new MemberSnapshot(loop.View), TimeSpan.Zero, Wall);
        _timer = _time.CreateTimer(_ => HandleTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        loop.Serve(SessionUse.Topics, ServeAsync);
        loop.Tasks.TryRun(WatchAsync);
    }

    internal TopicOptions Limits => _options;

    private TimeSpan Now => _time.GetElapsedTime(_start);

    private long Wall => _time.GetUtcNow().ToUnixTimeMilliseconds();

    // The same for whoever has the lock, and asks for each message: read once a millisecond, as each clock costs as much as copying a message does.
    private long WallAt(TimeSpan now)
    {
        if (now - _wallReadAt >= WallStep) { (_wall, _wallReadAt) = (Wall, now); }
        return _wall;
    }

    /// <summary>Publishes a message. It is on its way to the subscribers that are connected when this returns; with
    /// <see cref="PublishOptions.Acknowledge"/> they have it. Where all of them are slower than messages are published, this waits for the fastest.</summary>
    /// <param name="topic">The topic, without wildcards.</param>
    /// <param name="data">The message, up to <see cref="TopicOptions.MaxMessageLength"/>.</param>
    /// <param name="options">How; as it is, once, to those who are there, when null.</param>
    /// <param name="cancellationToken">Ends the wait; the message is published nevertheless.</param>
    /// <exception cref="CocoException"><see cref="CocoError.Denied"/>: the policy lets nobody have it of this node. <see cref="CocoError.Unreachable"/>: it
    /// was to be acknowledged, and not all who are connected have done so in time.</exception>
    public ValueTask PublishAsync(string topic, ReadOnlyMemory<byte> data, PublishOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topic);
        if (data.Length > _options.MaxMessageLength) { throw new ArgumentException($"A message has at most {_options.MaxMessageLength} bytes, not {data.Length}.", nameof(data)); }
        if (!_isSettled || MessagingMetrics.IsTimed) { return PublishMeasuredAsync(topic, data, options ?? Plain, cancellationToken); }
        MessagingMetrics.Done(MessagingOperation.Publish, 0, topic);
        return Publish(topic, data.Span, options ?? Plain, cancellationToken);
    }

    /// <summary>Subscribes to topics. When this returns, the members that are connected with this node know.</summary>
    /// <param name="filter">Which topics: <c>+</c> stands for one level, <c>#</c> at the end for the rest.</param>
    /// <param name="options">What else is wanted; retained values and what is new, when null.</param>
    /// <param name="cancellationToken">Ends the attempt; there is no subscription then.</param>
    /// <exception cref="CocoException"><see cref="CocoError.Overloaded"/>: this node has as many filters as it may.</exception>
    public async Task<TopicSubscription> SubscribeAsync(string filter, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        TopicFilter.Require(filter, _options.MaxTopicLength);
        Activate();
        var subscription = new TopicSubscription(this, filter, options ?? new(), _options, _keys);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (!_exchange.HasRoomFor(filter, subscription.Core.Options, out var reason)) { throw new CocoException(CocoError.Overloaded, reason); }
            _subscriptions.Add(subscription);
            _exchange.Subscribe(subscription.Core, Now, Wall);
        }
        try
        {
            await SettleAsync(subscription.Core.Options.Confirms ? _options.AcknowledgeTimeout : SettleTime, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        return subscription;
    }

    /// <summary>Sets the last will of this node for a topic: when it is gone without a goodbye, each subscriber's node says it to its app, once.</summary>
    /// <param name="topic">The topic, without wildcards.</param>
    /// <param name="data">What is to be said. Nothing takes the will back.</param>
    /// <param name="isRetained">Whether it becomes the topic's value then.</param>
    /// <param name="cancellationToken">Ends the wait for others to be told.</param>
    /// <exception cref="CocoException"><see cref="CocoError.Overloaded"/>: this node has as many wills as it may.</exception>
    public async Task SetWillAsync(string topic, ReadOnlyMemory<byte> data, bool isRetained = false, CancellationToken cancellationToken = default)
    {
        Require(topic);
        if (data.Length > _options.MaxMessageLength) { throw new ArgumentException($"A message has at most {_options.MaxMessageLength} bytes, not {data.Length}.", nameof(data)); }
        Activate();
        await SettleAsync(SettleTime, cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (!_exchange.HasRoomForWill(topic)) { throw new CocoException(CocoError.Overloaded, $"This node has {_options.MaxWills} wills already. Take one back, or allow more in {nameof(TopicOptions)}."); }
            _exchange.SetWill(topic, Sealed(topic, data.Span), isRetained, Now, Wall);
        }
        Flush();
    }

    /// <summary>The place among values of something that is published in a moment: after all that this node knows, and never given again.</summary>
    internal ulong TakeOrder()
    {
        lock (_lock) { return _exchange.TakeOrder(Now, Wall); }
    }

    /// <summary>Whether no later value of its topic is known.</summary>
    internal bool IsLatest(TopicMessage value)
    {
        lock (_lock) { return _exchange.IsLatest(value.Topic, value.Order, value.Publisher); }
    }

    /// <summary>Whether the interests of all this node has to do with are known.</summary>
    internal bool IsSettled
    {
        get
        {
            lock (_lock) { return _isSettled && _exchange.IsSettled; }
        }
    }

    /// <summary>Waits until they are, or for so long.</summary>
    internal async Task WhenSettledAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        Activate();
        lock (_lock)
        {
            if (!_isClosed) { RefreshMembers(); } // who came within reach a moment ago counts
        }
        Flush();
        await SettleAsync(limit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Messages are where their reader, which says so itself, wants them: their publishers are told.</summary>
    internal void Confirm(IReadOnlyList<TopicMessage> messages)
    {
        lock (_lock)
        {
            if (_isClosed) { return; }
            foreach (var message in messages)
            {
                if (message.Asked is { } asked) { _exchange.Confirm(asked, Now, Wall); }
            }
        }
        Flush();
    }

    internal void Unsubscribe(TopicSubscription subscription)
    {
        lock (_lock)
        {
            if (!_subscriptions.Remove(subscription) || _isClosed) { return; }
            _exchange.Unsubscribe(subscription.Core, Now, Wall);
        }
        Flush();
    }

    internal const string Reserved = TopicKeys.Prefix;

    private static readonly PublishOptions Plain = new();

    private async ValueTask PublishMeasuredAsync(string topic, ReadOnlyMemory<byte> data, PublishOptions options, CancellationToken cancellationToken)
    {
        var begun = MessagingMetrics.Begin();
        try
        {
            if (!_isSettled)
            {
                Activate();
                await SettleAsync(SettleTime, cancellationToken).ConfigureAwait(false);
            }
            await Publish(topic, data.Span, options, cancellationToken).ConfigureAwait(false);
            MessagingMetrics.Done(MessagingOperation.Publish, begun, topic);
        }
        catch (Exception exception) when (MessagingMetrics.Failed(MessagingOperation.Publish, begun, topic, exception))
        {
            throw; // never comes here
        }
    }

    private ValueTask Publish(string topic, ReadOnlySpan<byte> data, PublishOptions options, CancellationToken cancellationToken)
    {
        var receipt = options.Acknowledge ? new Receipt() : null;
        Task? pause = null;
        bool isDenied, hasOutput;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (!_exchange.HasPublished(topic)) { Require(topic); }
            KeepUp();
            var now = Now;
            var publication = _exchange.Publish(topic, Sealed(topic, data), options, receipt, now, WallAt(now));
            isDenied = publication.IsDenied;
            if (publication.Behind?.Host is TopicStream behind) { pause = behind.WhenDrained(); }
            hasOutput = _exchange.HasOutput;
            if (receipt is not null) { SetTimer(); }
        }
        if (hasOutput) { Flush(); }
        if (isDenied)
        {
            throw new CocoException(CocoError.Denied, $"The network's policy lets this node publish {topic} to nobody. An admin can allow it: allow publish {topic} from …");
        }
        if (receipt is not null) { return AwaitAsync(topic, receipt, cancellationToken); }
        return pause is null ? default : PauseAsync(pause, cancellationToken);
    }

    private async ValueTask PauseAsync(Task pause, CancellationToken cancellationToken)
    {
        try
        {
            await pause.WaitAsync(MaxPause, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // They miss something, and are told.
        }
    }

    private static async ValueTask AwaitAsync(string topic, Receipt receipt, CancellationToken cancellationToken)
    {
        var (acknowledged, missing) = await receipt.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (missing == 0) { return; }
        throw new CocoException(CocoError.Unreachable, $"{missing} of {acknowledged + missing} subscribers of {topic} did not say in time that they have the message. They may be too slow, or have it all the same: publish it again if it matters.");
    }

    private void Require(string topic)
    {
        TopicName.Require(topic, _options.MaxTopicLength);
        if (topic.StartsWith(Reserved, StringComparison.Ordinal)) { throw new ArgumentException($"Topics that begin with {Reserved} are not the app's.", nameof(topic)); }
    }

    private async Task SettleAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var receipt = new Receipt();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            _exchange.NotifySettled(receipt, Now, Wall);
        }
        Flush();
        try
        {
            await receipt.Task.WaitAsync(limit, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Somebody is slow to answer; it hears of us as soon as it does.
        }
        _isSettled = true;
    }
}
