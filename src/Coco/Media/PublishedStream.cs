using System.Buffers.Binary;
using System.Security.Cryptography;
using Coco.Cluster;
using Coco.Telemetry;

namespace Coco.Media;

/// <summary>A stream that this node publishes, to those members whom the network's policy lets subscribe to its name. Disposing of it ends it.</summary>
public sealed class PublishedStream : IAsyncDisposable
{
    private readonly NodeStreams _streams;
    private readonly MediaContext _context;
    private readonly TimeSpan _begun;
    private readonly Signal _written = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new(); // guards what follows
    private readonly List<PublishedTrack> _tracks = [];
    private long _version;
    private int _isClosed;

    internal PublishedStream(NodeStreams streams, MediaContext context, string name, MediaPublishOptions options)
    {
        (_streams, _context, _begun) = (streams, context, context.Now);
        Scope = new(context.Loop.Network, context.Self, name, BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))));
        Distribution = new(context, context.Self, name, options.MaxCopies, () => Time, _written.Set);
        Describe();
        StreamMetrics.Began(isProducer: true);
        context.Loop.Tasks.TryRun(SignAsync);
    }

    /// <summary>What it is called.</summary>
    public string Name => Scope.Name;

    /// <summary>Time since it was published.</summary>
    public TimeSpan Time => _context.Now - _begun;

    /// <summary>Its tracks.</summary>
    public IReadOnlyList<PublishedTrack> Tracks
    {
        get
        {
            lock (_lock) { return [.. _tracks]; }
        }
    }

    /// <summary>Those that this node sends it to, and how they fare.</summary>
    public IReadOnlyList<SubscriberStatistics> Subscribers => [.. Distribution.Subscribers.Select(static one => one.Statistics)];

    internal StreamScope Scope { get; }

    internal Distribution Distribution { get; }

    internal bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    internal bool NeedsSignatures => Distribution.NeedsSignatures;

    /// <summary>Adds a track.</summary>
    /// <param name="name">What it is called, a label: 1 to 64 characters from a-z, 0-9, '.', '-' and '_'.</param>
    /// <param name="options">How its objects are sent.</param>
    public PublishedTrack AddTrack(string name, TrackOptions? options = null)
    {
        Labels.Require(name, "a track");
        options ??= new();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            if (_tracks.Exists(one => one.Info.Name == name)) { throw new CocoException(CocoError.NameInUse, $"The stream {Name} has a track {name} already. Choose another name."); }
            if (_tracks.Count == _context.Options.MaxTracks)
            {
                throw new CocoException(CocoError.Overloaded, $"The stream {Name} has {_tracks.Count} tracks, and no more are allowed. Allow more in {nameof(MediaOptions)}.");
            }
            var deadline = TimeSpan.FromMilliseconds(Math.Ceiling(options.Deadline.TotalMilliseconds));
            Describe(new TrackInfo(name, options.Priority, deadline, options.IsDependent));
            var track = new PublishedTrack(this, Distribution.Find(_tracks.Count)!, _context);
            _tracks.Add(track);
            return track;
        }
    }

    /// <summary>Ends the stream. Twice is safe.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0) { return; }
        StreamMetrics.Ended(isProducer: true);
        _streams.Forget(this);
        Distribution.Close(isOver: true);
        await _closing.CancelAsync().ConfigureAwait(false);
    }

    internal void HandleWritten()
    {
        if (NeedsSignatures) { _written.Set(); }
    }

    private void Describe(params TrackInfo[] added)
    {
        var description = new StreamDescription(Scope.Epoch, ++_version, [.. _tracks.Select(static one => one.Info), .. added]);
        Distribution.Update(description, description.Sign(_context.Key, Scope.Network, Name), [_context.Self]);
    }

    // While one is signed others are written, so that a signature covers as many as there was time for.
    private async Task SignAsync()
    {
        try
        {
            while (true)
            {
                await _written.WaitAsync(_closing.Token).ConfigureAwait(false);
                foreach (var track in Tracks) { track.Sign(); }
            }
        }
        catch (OperationCanceledException)
        {
            _closing.Dispose();
        }
    }
}
