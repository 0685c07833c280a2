using Coco.Crypto;
using Coco.Telemetry;

namespace Coco.Media;

/// <content>What comes from whoever sends, and goes on to others.</content>
public sealed partial class StreamSubscription
{
    private StreamClock _clock = new();
    private Distribution? _passedOn;
    private Upstream? _upstream;
    private NodeId _source;
    private long _objects;
    private long _bytes;
    private long _late;
    private long _lostBefore; // in streams of that name before this one
    private int _changes;

    /// <summary>What signatures are about.</summary>
    internal StreamScope Scope { get; private set; }

    /// <summary>What the stream consists of, from whoever sends it now.</summary>
    internal void HandleState(Upstream upstream, StreamDescription description, StateWords state, TimeSpan asked, bool isFirst)
    {
        Distribution? passedOn;
        lock (_lock)
        {
            if (description.Epoch != Scope.Epoch) { Begin(description.Epoch); }
            for (var i = _receivers.Count; i < Math.Min(description.Tracks.Count, Limits.MaxTracks); i++) { _receivers.Add(new(description.Tracks[i], Limits, Options.Jitter)); }
            if (isFirst)
            {
                _clock.Forget();
                foreach (var receiver in _receivers) { receiver.HandleSourceChanged(); }
                _clock.Handle(asked, _context.Now, state.Time, upstream.ShortestRoundTrip);
                if (_upstream is not null) { _changes++; }
                (_upstream, _source) = (upstream, upstream.Node);
                foreach (var (track, isWanted) in _wishes) { upstream.Say(isWanted ? MediaFrame.Resume : MediaFrame.Pause, MediaText.OfLabel(track)); }
            }
            passedOn = _passedOn;
        }
        passedOn?.Update(description, state.Description, [.. state.Way, _context.Self]);
    }

    internal void HandleTime(Upstream upstream, TimeSpan asked, TimeSpan streamTime)
    {
        lock (_lock)
        {
            if (upstream == _upstream) { _clock.Handle(asked, _context.Now, streamTime, upstream.ShortestRoundTrip); }
        }
    }

    internal ReportWords Report(TimeSpan now)
    {
        lock (_lock)
        {
            return new(
                (ulong)now.Ticks / TimeSpan.TicksPerMicrosecond, _bytes, _objects, _lostBefore + _receivers.Sum(static one => one.Lost), _passedOn?.FreeCopies ?? 0);
        }
    }

    /// <summary>Whether a track has been named.</summary>
    internal bool Has(int track)
    {
        lock (_lock) { return track < _receivers.Count; }
    }

    /// <summary>A stream of a group begins; null where it cannot be taken.</summary>
    internal OpenGroup? Open(Upstream upstream, GroupHeader header)
    {
        lock (_lock)
        {
            if (upstream != _upstream || header.Track >= _receivers.Count) { return null; }
            var receiver = _receivers[header.Track];
            receiver.PassedOn ??= _passedOn?.Find(header.Track);
            return receiver.Open(header.First.Sequence, header.Previous) is { } lane ? new(header.Track, receiver, lane) : null;
        }
    }

    /// <summary>Whether chains of hashes are needed: to check what comes from others, or to pass it on.</summary>
    internal bool NeedsChain(bool isTrusted) => !isTrusted || Options.Rebroadcasts > 0;

    /// <summary>An object that is the producer's.</summary>
    internal void Handle(OpenGroup group, LiveObject item, TimeSpan joinedAt)
    {
        lock (_lock)
        {
            var now = _context.Now;
            var latency = _clock.StreamTime(now) - item.Timestamp;
            var isCatchUp = item.Timestamp < joinedAt;
            var dueAt = isCatchUp ? now + item.Deadline : _clock.LocalTime(item.Timestamp) + item.Deadline - _clock.Error;
            _objects++;
            _bytes += item.Body.Length;
            StreamMetrics.Received(item.Body.Length, latency);
            if (dueAt < now)
            {
                _late++;
                StreamMetrics.Late();
                return;
            }
            group.Receiver.Handle(group.Lane, new(item, now, dueAt, latency, isCatchUp), now);
        }
        _arrived.Set();
    }

    /// <summary>A signature that goes on to others.</summary>
    internal void Handle(OpenGroup group, LiveSignature signature)
    {
        lock (_lock)
        {
            var now = _context.Now;
            group.Receiver.Handle(group.Lane, new(null, now, now + group.Receiver.Info.Deadline, default, false) { Signature = signature }, now);
        }
    }

    /// <summary>The stream of a group is over.</summary>
    internal void End(OpenGroup group)
    {
        lock (_lock) { group.Receiver.End(group.Lane, _context.Now); }
        _arrived.Set();
    }

    // Another stream of the same name: nothing of the one before goes on.
    private void Begin(ulong epoch)
    {
        Scope = Scope with { Epoch = epoch };
        _lostBefore += _receivers.Sum(static one => one.Lost);
        _late += _receivers.Sum(static one => one.Expired);
        _receivers = [];
        _clock = new();
        if (Options.Rebroadcasts == 0) { return; }
        var clock = _clock;
        var next = new Distribution(_context, Producer, Name, Options.Rebroadcasts, () => StreamTimeOf(clock), static () => { });
        var before = _passedOn;
        _passedOn = _streams.TryPassOn(next, before) ? next : null;
        if (before is not null) { _context.Loop.Tasks.TryRun(() => Task.Run(() => before.Close(isOver: false))); }
    }

    private TimeSpan StreamTimeOf(StreamClock clock)
    {
        lock (_lock)
        {
            var time = clock.StreamTime(_context.Now);
            return time > TimeSpan.Zero ? time : TimeSpan.Zero;
        }
    }
}
