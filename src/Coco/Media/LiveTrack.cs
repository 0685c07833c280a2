namespace Coco.Media;

/// <summary>A track at a node that sends it: hands what is published to all senders, and keeps the newest group for those who join. Thread-safe.</summary>
internal sealed class LiveTrack(int number, TrackInfo info, MediaOptions options)
{
    private readonly Lock _lock = new(); // guards what follows; those of queues are taken inside it
    private readonly List<TrackSender> _senders = [];
    private readonly List<LiveObject> _group = []; // the newest, from its beginning; empty where it is not kept
    private LiveSignature? _signature; // the last of that
    private long _groupBytes;
    private long _newest = -1;

    /// <summary>Its place in the description.</summary>
    public int Number => number;

    public TrackInfo Info => info;

    public void Append(LiveObject item, TimeSpan dueAt)
    {
        lock (_lock)
        {
            Keep(item);
            foreach (var sender in _senders) { sender.Add(new QueueEntry(item, dueAt)); }
        }
    }

    public void Append(LiveSignature signature)
    {
        lock (_lock)
        {
            if (signature.Group == _newest) { _signature = signature; }
            foreach (var sender in _senders) { sender.Add(new QueueEntry(signature)); }
        }
    }

    /// <summary>Sends what comes from now on, and the newest group from its beginning, where that is kept.</summary>
    public void Add(TrackSender sender, TimeSpan now)
    {
        lock (_lock)
        {
            sender.BeginAt(_group.Count > 0 ? _newest : _newest + 1);
            foreach (var item in _group)
            {
                sender.Add(new QueueEntry(item, now + item.Deadline));
                if (_signature is not null && item.Place.Index + 1 == _signature.Count) { sender.Add(new QueueEntry(_signature)); }
            }
            _senders.Add(sender);
        }
    }

    public void Remove(TrackSender sender)
    {
        lock (_lock) { _senders.Remove(sender); }
    }

    private void Keep(LiveObject item)
    {
        if (item.Place.Group < _newest) { return; }
        var isNew = item.Place.Group > _newest;
        if (isNew)
        {
            Forget();
            _newest = item.Place.Group;
        }
        var isNext = item.Place.Group == _newest && item.Place.Index == _group.Count && (isNew || _group.Count > 0);
        if (isNext && _groupBytes + item.Body.Length <= options.MaxGroupBytes && _group.Count < options.MaxGroupObjects)
        {
            _group.Add(item);
            _groupBytes += item.Body.Length;
        }
        else { Forget(); }
    }

    private void Forget()
    {
        _group.Clear();
        (_groupBytes, _signature) = (0, null);
    }
}
