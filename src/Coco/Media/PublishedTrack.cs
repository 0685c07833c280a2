using Coco.Telemetry;

namespace Coco.Media;

/// <summary>A track that this node publishes. One object is written at a time, from any thread; nobody who receives slowly is waited for.</summary>
public sealed class PublishedTrack
{
    private readonly PublishedStream _stream;
    private readonly LiveTrack _track;
    private readonly MediaContext _context;
    private readonly Lock _lock = new(); // guards what follows
    private LiveObject? _last;
    private LiveObject? _signed;

    internal PublishedTrack(PublishedStream stream, LiveTrack track, MediaContext context) => (_stream, _track, _context) = (stream, track, context);

    /// <summary>What it is.</summary>
    public TrackInfo Info => _track.Info;

    internal TimeSpan StreamTime => _stream.Time;

    /// <summary>Publishes an object.</summary>
    /// <param name="data">What; copied.</param>
    /// <param name="startsGroup">Whether a new group begins with it, which can be understood without what was before. The first object always does.</param>
    /// <param name="priority">How important it is, 0 the most; null as the track is.</param>
    /// <param name="deadline">How old it may become on its way, from 1 ms to 1 hour; null as the track says.</param>
    /// <exception cref="ArgumentException">It is larger than <see cref="MediaOptions.MaxObjectBytes"/>.</exception>
    public void Write(ReadOnlySpan<byte> data, bool startsGroup = false, byte? priority = null, TimeSpan? deadline = null)
    {
        if (data.Length > _context.Options.MaxObjectBytes - LiveObject.MaxHeader)
        {
            throw new ArgumentException($"An object may have {_context.Options.MaxObjectBytes - LiveObject.MaxHeader} bytes: write smaller ones, or allow more in {nameof(MediaOptions)}.", nameof(data));
        }
        var within = deadline ?? Info.Deadline;
        ArgumentOutOfRangeException.ThrowIfLessThan(within, TimeSpan.FromMilliseconds(1), nameof(deadline));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(within, TimeSpan.FromHours(1), nameof(deadline));
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stream.IsClosed, _stream);
            // Else what comes last in a group might never be signed.
            if (startsGroup && _stream.NeedsSignatures) { SignLast(); }
            var body = LiveObject.Encode(priority ?? Info.Priority, _stream.Time, within, data);
            var item = LiveObject.TryRead(Next(startsGroup), body)!;
            _last = item;
            _track.Append(item, _context.Now + item.Deadline);
        }
        StreamMetrics.Published();
        _stream.HandleWritten();
    }

    /// <summary>Signs what was published since the last time.</summary>
    internal void Sign()
    {
        lock (_lock) { SignLast(); }
    }

    private void SignLast()
    {
        if (_last is not { } last || last == _signed) { return; }
        _signed = last;
        _track.Append(new LiveSignature(last.Place.Group, last.Place.Index + 1, LiveSignature.Sign(_context.Key, _stream.Scope, _track.Number, last)));
    }

    private ObjectPlace Next(bool startsGroup)
    {
        if (_last is not { Place: var place }) { return new(0, 0, 0, ObjectPlace.NoChain); }
        return startsGroup
            ? new(place.Group + 1, 0, place.Sequence + 1, ObjectPlace.NoChain)
            : new(place.Group, place.Index + 1, place.Sequence + 1, _last.ChainAfter);
    }
}
