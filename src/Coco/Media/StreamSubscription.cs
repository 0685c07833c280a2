using System.Runtime.CompilerServices;
using Coco.Crypto;
using Coco.Telemetry;

namespace Coco.Media;

/// <summary>A stream of another node's that comes to this one, from its producer or from a node that passes it on. Disposing of it ends it.</summary>
public sealed partial class StreamSubscription : IAsyncDisposable
{
    private readonly NodeStreams _streams;
    private readonly MediaContext _context;
    private readonly CancellationTokenSource _closing = new();
    private readonly Signal _arrived = new();
    private readonly Lock _lock = new(); // guards what follows
    private readonly Dictionary<string, bool> _wishes = new(StringComparer.Ordinal); // tracks resumed or paused since the beginning
    private List<TrackReceiver> _receivers = [];
    private CocoException? _failure;
    private bool _isOver;

    internal StreamSubscription(NodeStreams streams, MediaContext context, NodeId producer, string name, MediaSubscribeOptions options)
    {
        (_streams, _context, Producer, Name, Options) = (streams, context, producer, name, options);
        Scope = new(context.Loop.Network, producer, name, 0);
    }

    /// <summary>Whose stream it is.</summary>
    public NodeId Producer { get; }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Its tracks, as of a moment ago.</summary>
    public IReadOnlyList<TrackInfo> Tracks
    {
        get
        {
            lock (_lock) { return [.. _receivers.Select(static one => one.Info)]; }
        }
    }

    /// <summary>How it fares.</summary>
    public SubscriptionStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                return new()
                {
                    Source = _source, ObjectsReceived = _objects, BytesReceived = _bytes, ObjectsLate = _late + _receivers.Sum(static one => one.Expired), Changes = _changes,
                    ObjectsLost = _lostBefore + _receivers.Sum(static one => one.Lost), Rebroadcasts = _passedOn?.Subscribers.Length ?? 0,
                };
            }
        }
    }

    internal MediaSubscribeOptions Options { get; }

    internal MediaOptions Limits => _context.Options;

    /// <summary>The objects of all tracks, until the stream is over: those of a track in order, without what is late. One may read at a time.</summary>
    /// <exception cref="CocoException">The stream was lost, and not found again.</exception>
    public async IAsyncEnumerable<MediaObject> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (TryRead(out var item, out var wait, out var isOver))
            {
                yield return item!;
                continue;
            }
            if (isOver) { break; }
            await WaitAsync(wait, cancellationToken).ConfigureAwait(false);
        }
        if (_failure is { } failure) { throw new CocoException(failure.Code, failure.Message, failure); }
    }

    /// <summary>Has a track not sent any more.</summary>
    /// <param name="track">Its name.</param>
    public void Pause(string track) => Wish(track, isWanted: false);

    /// <summary>Has a track sent again, or for the first time, from its newest group on.</summary>
    /// <param name="track">Its name.</param>
    public void Resume(string track) => Wish(track, isWanted: true);

    /// <summary>Ends it. Twice is safe.</summary>
    public async ValueTask DisposeAsync()
    {
        _streams.Forget(this);
        await _closing.CancelAsync().ConfigureAwait(false);
        await Running.ConfigureAwait(false);
    }

    private bool TryRead(out MediaObject? item, out TimeSpan wait, out bool isOver)
    {
        lock (_lock)
        {
            var now = _context.Now;
            TrackReceiver? first = null;
            var timestamp = TimeSpan.MaxValue;
            var deadline = TimeSpan.MaxValue;
            foreach (var receiver in _receivers)
            {
                receiver.HandleTimeout(now);
                if (receiver.Deadline < deadline) { deadline = receiver.Deadline; }
                if (receiver.TryPeek(now, out var entry) && entry.Object!.Timestamp < timestamp) { (first, timestamp) = (receiver, entry.Object.Timestamp); }
            }
            item = first?.Take();
            if (item is not null) { StreamMetrics.Delivered(); }
            wait = deadline == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : deadline - now;
            isOver = _isOver && item is null && deadline == TimeSpan.MaxValue;
            return item is not null;
        }
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait == Timeout.InfiniteTimeSpan)
        {
            await _arrived.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }
        using var timer = _context.Time.CreateTimer(static signal => ((Signal)signal!).Set(), _arrived, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await _arrived.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Wish(string track, bool isWanted)
    {
        ArgumentNullException.ThrowIfNull(track);
        Upstream? upstream;
        lock (_lock)
        {
            if (!_receivers.Exists(one => one.Info.Name == track)) { throw new CocoException(CocoError.NotFound, $"The stream {Name} has no track {track}. {nameof(Tracks)} has those it has."); }
            _wishes[track] = isWanted;
            upstream = _upstream;
        }
        upstream?.Say(isWanted ? MediaFrame.Resume : MediaFrame.Pause, MediaText.OfLabel(track));
    }
}
