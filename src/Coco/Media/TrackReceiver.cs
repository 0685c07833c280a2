using System.Diagnostics.CodeAnalysis;
using Coco.Telemetry;

namespace Coco.Media;

/// <summary>A track as a subscriber has it: what has arrived, in order, until the app takes it. Under the subscription's lock.</summary>
internal sealed class TrackReceiver(TrackInfo info, MediaOptions options, TimeSpan jitter)
{
    private readonly TrackOrder _order = new(jitter, options.MaxOpenGroups, options.MaxBufferedBytes);
    private readonly ObjectQueue _queue = new(options.MaxBufferedBytes, options.MaxQueuedObjects, isDependent: false, keepsLeaves: false);
    private QueueEntry? _head;
    private long _taken = -1;
    private long _expired; // of those that were next

    public TrackInfo Info => info;

    /// <summary>Objects that never came, or too late.</summary>
    public long Lost { get; private set; }

    /// <summary>Objects that were here, and became too old, or too many, before the app took them.</summary>
    public long Expired => _expired + _queue.LeftOut;

    public TimeSpan Deadline => _order.Deadline;

    /// <summary>The track for those that get it from here; null where nobody does. What goes there is in order too, for a signature is of use only
    /// behind what it covers.</summary>
    public LiveTrack? PassedOn { get; set; }

    public OrderLane? Open(long first, long previous) => _order.Open(first, previous);

    public void Handle(OrderLane lane, OrderedObject item, TimeSpan now)
    {
        _order.Handle(lane, item, now);
        Collect();
    }

    public void End(OrderLane lane, TimeSpan now)
    {
        _order.End(lane, now);
        Collect();
    }

    /// <summary>Another node sends from now on, which may begin with a group that the one before has begun.</summary>
    public void HandleSourceChanged()
    {
        _order.EndAll();
        Collect();
    }

    public void HandleTimeout(TimeSpan now)
    {
        if (_order.Deadline > now) { return; }
        _order.HandleTimeout(now);
        Collect();
    }

    /// <summary>The next for the app, which stays until <see cref="Take"/>.</summary>
    public bool TryPeek(TimeSpan now, [NotNullWhen(true)] out QueueEntry? entry)
    {
        if (_head?.DueAt < now)
        {
            (_head, _expired) = (null, _expired + 1);
            StreamMetrics.Late();
        }
        var before = _queue.LeftOut;
        while (_head is null && _queue.TryTake(now, 0, TimeSpan.Zero, out var next))
        {
            if (!next.IsLeftOut) { _head = next; }
        }
        if (_queue.LeftOut > before) { StreamMetrics.Late(_queue.LeftOut - before); }
        entry = _head;
        return entry is not null;
    }

    public MediaObject Take()
    {
        var entry = _head!;
        _head = null;
        var item = entry.Object!;
        var lost = _taken < 0 ? 0 : item.Place.Sequence - _taken - 1;
        _taken = item.Place.Sequence;
        Lost += lost;
        return new()
        {
            Track = info.Name, Group = item.Place.Group, Index = item.Place.Index, Sequence = item.Place.Sequence, Priority = item.Priority, Timestamp = item.Timestamp,
            Latency = entry.Latency, IsCatchUp = entry.IsCatchUp, Lost = lost, Data = item.Data,
        };
    }

    private void Collect()
    {
        while (_order.TryTake(out var next))
        {
            if (next.Signature is { } signature) { PassedOn?.Append(signature); }
            if (next.Object is not { } item) { continue; }
            _queue.Add(new(item, next.DueAt) { Latency = next.Latency, IsCatchUp = next.IsCatchUp });
            PassedOn?.Append(item, next.DueAt);
        }
    }
}
