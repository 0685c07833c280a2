using System.Numerics;

namespace Coco.Quic.Streams;

internal sealed partial class StreamSet
{
    // A bit per kind on each stream, and a list of the streams that have any: a peer cannot make the events pile up.
    private StreamList _eventful;
    private uint _connectionEvents;

    public bool HasEvents => _connectionEvents != 0 || !_eventful.IsEmpty;

    /// <summary>Takes the next thing that happened; at most one of each kind waits per stream.</summary>
    public bool TryTakeEvent(out StreamEvent streamEvent)
    {
        if (_connectionEvents != 0)
        {
            streamEvent = new(TakeLowest(ref _connectionEvents), -1, 0);
            return true;
        }
        if (_eventful.First is not { } entry)
        {
            streamEvent = default;
            return false;
        }

        var pending = entry.PendingEvents;
        var kind = TakeLowest(ref pending);
        entry.PendingEvents = pending;
        if (pending == 0) { _eventful.Remove(entry.Events); }
        var code = kind switch
        {
            StreamEventKind.Reset => entry.Receive!.ErrorCode,
            StreamEventKind.Stopped => entry.Send!.ErrorCode,
            _ => 0UL,
        };
        streamEvent = new(kind, entry.Id, code);
        OnTaken(entry, kind);
        return true;
    }

    private static StreamEventKind TakeLowest(ref uint events)
    {
        var kind = (StreamEventKind)BitOperations.TrailingZeroCount(events);
        events &= events - 1;
        return kind;
    }

    private void OnTaken(StreamEntry entry, StreamEventKind kind)
    {
        switch (kind)
        {
            case StreamEventKind.Opened:
                entry.IsAccepted = true;
                break;
            case StreamEventKind.Reset when entry.Receive!.State is ReceiveState.ResetRecvd:
                // RFC 9000 §3.2: the application has received the signal.
                entry.Receive.OnResetRead();
                CheckEnded(entry);
                break;
            case StreamEventKind.Closed:
                Forget(entry);
                break;
        }
    }

    private void Raise(StreamEntry entry, StreamEventKind kind)
    {
        entry.PendingEvents |= 1u << (int)kind;
        if (!entry.Events.IsLinked) { _eventful.AddLast(entry.Events); }
    }

    private void TakeBack(StreamEntry entry, StreamEventKind kind)
    {
        entry.PendingEvents &= ~(1u << (int)kind);
        if (entry.PendingEvents == 0 && entry.Events.IsLinked) { _eventful.Remove(entry.Events); }
    }

    private void ClearEvents(StreamEntry entry)
    {
        entry.PendingEvents = 0;
        if (entry.Events.IsLinked) { _eventful.Remove(entry.Events); }
    }
}
