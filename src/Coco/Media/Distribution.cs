using Coco.Crypto;
using Coco.Hosting;
using Coco.Transport;

namespace Coco.Media;

/// <summary>A stream at a node that sends it: its producer, or one that passes it on. Thread-safe.</summary>
internal sealed class Distribution(MediaContext context, NodeId producer, string name, int maxCopies, Func<TimeSpan> streamTime, Action onSignaturesWanted)
{
    private readonly Lock _lock = new(); // guards what follows
    private readonly List<Subscriber> _subscribers = [];
    private IReadOnlyList<LiveTrack> _tracks = [];
    private byte[] _description = [];
    private IReadOnlyList<NodeId> _way = [];
    private ulong _epoch;
    private bool _isClosed;

    public NodeId Producer => producer;

    public string Name => name;

    public TimeSpan StreamTime => streamTime();

    public Subscriber[] Subscribers
    {
        get
        {
            lock (_lock) { return [.. _subscribers]; }
        }
    }

    /// <summary>How many more this node, and those behind it, could send.</summary>
    public int FreeCopies
    {
        get
        {
            lock (_lock) { return (int)Math.Min(65_536, Math.Max(0, (long)maxCopies - _subscribers.Count) + _subscribers.Sum(static one => (long)one.Placed.FreeCopies)); }
        }
    }

    /// <summary>Whether anybody gets the stream who passes it on, or gets it by others.</summary>
    public bool NeedsSignatures
    {
        get
        {
            lock (_lock) { return _subscribers.Exists(static one => one.WantsSignatures); }
        }
    }

    public LiveTrack? Find(string track)
    {
        lock (_lock) { return _tracks.FirstOrDefault(one => one.Info.Name == track); }
    }

    public LiveTrack? Find(int number)
    {
        lock (_lock) { return number < _tracks.Count ? _tracks[number] : null; }
    }

    /// <summary>What the stream consists of now, and which way it comes: tracks are only ever added.</summary>
    public void Update(StreamDescription description, byte[] signed, IReadOnlyList<NodeId> way)
    {
        Subscriber[] subscribers;
        LiveTrack[] added;
        lock (_lock)
        {
            if (description.Epoch == _epoch && description.Tracks.Count < _tracks.Count) { return; } // of before one that is known
            added = [.. description.Tracks.Skip(_tracks.Count).Select((info, i) => new LiveTrack(_tracks.Count + i, info, context.Options))];
            (_tracks, _description, _way, _epoch) = ([.. _tracks, .. added], signed, way, description.Epoch);
            subscribers = [.. _subscribers];
        }
        foreach (var subscriber in subscribers)
        {
            subscriber.Say(MediaFrame.State, State());
            foreach (var track in added) { subscriber.Add(track); }
        }
    }

    /// <summary>Answers one that asks for the stream, and serves it.</summary>
    public async Task ServeAsync(NodeConnection connection, ConnectionStream stream, SubscribeWords words, RecordReader reader)
    {
        var subscriber = new Subscriber(context, this, connection, stream, words);
        var placement = Place(subscriber, words);
        switch (placement)
        {
            case Placement.Here or Placement.InPlaceOf:
                if (placement is Placement.InPlaceOf { Moved: var moved }) { Move(moved, connection.PeerId); }
                subscriber.Say(MediaFrame.State, State());
                foreach (var track in TracksNow()) { subscriber.Add(track); }
                if (words.WantsSignatures) { onSignaturesWanted(); }
                try
                {
                    await subscriber.RunAsync(reader).ConfigureAwait(false);
                }
                finally
                {
                    lock (_lock) { _subscribers.Remove(subscriber); }
                }
                break;
            case Placement.Elsewhere { Nodes: var nodes }:
                subscriber.Say(MediaFrame.Redirect, new RedirectWords(_epoch, nodes).Encode());
                subscriber.Leave();
                await subscriber.RunAsync(reader).ConfigureAwait(false);
                break;
            default:
                stream.Abort((ulong)WireError.TooMany);
                break;
        }
    }

    /// <summary>Those who may not have it any more lose it.</summary>
    public async Task RecheckAsync()
    {
        foreach (var subscriber in Subscribers)
        {
            if (!await context.MayAsync(producer, subscriber.Node, name).ConfigureAwait(false)) { subscriber.End(WireError.Denied); }
        }
    }

    /// <summary>Nothing more comes.</summary>
    /// <param name="isOver">Whether the stream is over, and not only this node's part in it.</param>
    public void Close(bool isOver)
    {
        lock (_lock) { _isClosed = true; }
        foreach (var subscriber in Subscribers)
        {
            if (isOver) { subscriber.Say(MediaFrame.Ended, []); }
            subscriber.Leave();
        }
    }

    private Placement Place(Subscriber subscriber, SubscribeWords words)
    {
        lock (_lock)
        {
            if (_isClosed || _subscribers.Count >= context.Options.MaxSubscribers) { return new Placement.Nowhere(); }
            var placement = Placement.Decide(maxCopies, subscriber.Node, words.Copies, words.Avoided, [.. _subscribers.Select(static one => one.Placed)]);
            if (placement is Placement.Here or Placement.InPlaceOf) { _subscribers.Add(subscriber); }
            if (placement is Placement.Elsewhere { Nodes: [var first, ..] }) { _subscribers.First(one => one.Node == first).TakeCopy(); }
            return placement;
        }
    }

    private void Move(NodeId who, NodeId to)
    {
        Subscriber? moved;
        lock (_lock)
        {
            moved = _subscribers.Find(one => one.Node == who);
            if (moved is null) { return; }
            _subscribers.Remove(moved);
        }
        moved.Say(MediaFrame.Redirect, new RedirectWords(_epoch, [to]).Encode());
        moved.Leave();
    }

    private IReadOnlyList<LiveTrack> TracksNow()
    {
        lock (_lock) { return _tracks; }
    }

    private byte[] State()
    {
        var time = streamTime(); // takes the lock of a subscription, under which this one's is taken
        lock (_lock) { return new StateWords(time, _way, _description).Encode(); }
    }
}
