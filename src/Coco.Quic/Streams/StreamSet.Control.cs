using Coco.Quic.Frames;
using Coco.Quic.Packets;

namespace Coco.Quic.Streams;

internal sealed partial class StreamSet
{
    private StreamList _controlled; // streams with PendingControl
    private PendingControl _control; // of the connection
    private long _blockedAt = -1;

    /// <summary>Control frames wait to be written.</summary>
    public bool HasControl => _control != PendingControl.None || !_controlled.IsEmpty;

    /// <summary>
    /// Writes one control frame; false when none waits or there may be too little room: 25 bytes always suffice. The time and the
    /// smoothed round trip, in ticks, decide whether receive windows grow.
    /// </summary>
    public bool TryWriteControlFrame(Span<byte> destination, long now, long rtt, out ControlFrameSent sent, out int written)
    {
        if (_control != PendingControl.None) { return TryWriteConnectionFrame(destination, now, rtt, out sent, out written); }
        if (_controlled.First is { } entry) { return TryWriteFrameOf(entry, destination, now, rtt, out sent, out written); }
        sent = default;
        written = 0;
        return false;
    }

    /// <summary>The packet that carried the frame was acknowledged.</summary>
    public void OnAcked(in ControlFrameSent sent)
    {
        if (sent.Kind is not FrameType.ResetStream || Find(sent.Id) is not { Send: { } send } entry) { return; }
        send.OnResetAcked();
        CheckEnded(entry);
    }

    /// <summary>
    /// The packet that carried the frame was lost: what it said is said again, as it stands now (RFC 9000 §13.3).
    /// </summary>
    public void OnLost(in ControlFrameSent sent)
    {
        // A newer frame of the kind is on its way, or the value is outdated: then there is nothing to repeat.
        var value = (long)sent.Value;
        var isBlocked = _sent >= _sendLimit && _scheduler.HasFresh;
        _control |= sent.Kind switch
        {
            FrameType.MaxData when value == _receiveWindow.Limit => PendingControl.MaxData,
            FrameType.MaxStreamsBidi when value == _peerBidirectional.Limit => PendingControl.MaxStreamsBidirectional,
            FrameType.MaxStreamsUni when value == _peerUnidirectional.Limit => PendingControl.MaxStreamsUnidirectional,
            FrameType.DataBlocked when value == _sendLimit && isBlocked => PendingControl.DataBlocked,
            FrameType.StreamsBlockedBidi when _localBidirectional.IsStillBlockedAt(value) => PendingControl.StreamsBlockedBidirectional,
            FrameType.StreamsBlockedUni when _localUnidirectional.IsStillBlockedAt(value) => PendingControl.StreamsBlockedUnidirectional,
            _ => PendingControl.None,
        };
        if (sent.Id >= 0 && Find(sent.Id) is { } entry) { RepeatFrameOf(entry, sent); }
    }

    private void RepeatFrameOf(StreamEntry entry, in ControlFrameSent sent)
    {
        var again = sent.Kind switch
        {
            FrameType.ResetStream when entry.Send!.State is SendState.ResetSent => PendingControl.ResetStream,
            // RFC 9000 §13.3: until the receiving part ends; then it is of no use.
            FrameType.StopSending when entry.Receive!.State is ReceiveState.Recv => PendingControl.StopSending,
            FrameType.MaxStreamData when entry.Receive is { State: ReceiveState.Recv, IsStopped: false }
                && entry.Receive.Limit == (long)sent.Value => PendingControl.MaxStreamData,
            FrameType.StreamDataBlocked when entry.Send!.IsBlocked && entry.Send.Limit == (long)sent.Value =>
                PendingControl.StreamDataBlocked,
            _ => PendingControl.None,
        };
        if (again != PendingControl.None) { QueueControl(entry, again); }
    }

    private bool TryWriteConnectionFrame(Span<byte> destination, long now, long rtt, out ControlFrameSent sent, out int written)
    {
        sent = default;
        written = 0;
        if (destination.Length < 1 + VarInt.MaxLength) { return false; }

        var flag = (PendingControl)((int)_control & -(int)_control);
        var (kind, value) = flag switch
        {
            PendingControl.MaxData => (FrameType.MaxData, _receiveWindow.Update(now, rtt)),
            PendingControl.DataBlocked => (FrameType.DataBlocked, _sendLimit),
            PendingControl.MaxStreamsBidirectional => (FrameType.MaxStreamsBidi, _peerBidirectional.RaiseLimit()),
            PendingControl.MaxStreamsUnidirectional => (FrameType.MaxStreamsUni, _peerUnidirectional.RaiseLimit()),
            PendingControl.StreamsBlockedBidirectional => (FrameType.StreamsBlockedBidi, _localBidirectional.Limit),
            _ => (FrameType.StreamsBlockedUni, _localUnidirectional.Limit),
        };
        _control &= ~flag;
        sent = new(kind, -1, (ulong)value);
        written = kind switch
        {
            FrameType.MaxData => FrameWriter.WriteMaxData(destination, sent.Value),
            FrameType.DataBlocked => FrameWriter.WriteDataBlocked(destination, sent.Value),
            FrameType.MaxStreamsBidi or FrameType.MaxStreamsUni =>
                FrameWriter.WriteMaxStreams(destination, kind is FrameType.MaxStreamsBidi, sent.Value),
            _ => FrameWriter.WriteStreamsBlocked(destination, kind is FrameType.StreamsBlockedBidi, sent.Value),
        };
        return true;
    }

    private bool TryWriteFrameOf(
        StreamEntry entry, Span<byte> destination, long now, long rtt, out ControlFrameSent sent, out int written)
    {
        sent = default;
        written = 0;
        if (destination.Length < 1 + 3 * VarInt.MaxLength) { return false; }

        var flag = (PendingControl)((int)entry.PendingControl & -(int)entry.PendingControl);
        var id = (ulong)entry.Id;
        switch (flag)
        {
            case PendingControl.ResetStream:
                sent = new(FrameType.ResetStream, entry.Id, entry.Send!.ErrorCode);
                // RFC 9000 §4.5: the final size is what was sent, whether or not it arrived.
                written = FrameWriter.WriteResetStream(destination, id, sent.Value, (ulong)entry.Send.Buffer.Next);
                break;
            case PendingControl.StopSending:
                sent = new(FrameType.StopSending, entry.Id, entry.Receive!.StopCode);
                written = FrameWriter.WriteStopSending(destination, id, sent.Value);
                break;
            case PendingControl.MaxStreamData:
                sent = new(FrameType.MaxStreamData, entry.Id, (ulong)UpdateWindowOf(entry.Receive!, now, rtt));
                written = FrameWriter.WriteMaxStreamData(destination, id, sent.Value);
                break;
            default:
                sent = new(FrameType.StreamDataBlocked, entry.Id, (ulong)entry.Send!.Limit);
                written = FrameWriter.WriteStreamDataBlocked(destination, id, sent.Value);
                break;
        }
        ClearControl(entry, flag);
        return true;
    }

    private long UpdateWindowOf(ReceiveStream receive, long now, long rtt)
    {
        var limit = receive.UpdateWindow(now, rtt);
        // One stream must not be held back by the connection that it has alone, nor fill it and starve the others.
        _receiveWindow.GrowTo(receive.WindowSize + receive.WindowSize / 2);
        return limit;
    }

    private void QueueControl(StreamEntry entry, PendingControl frames)
    {
        entry.PendingControl |= frames;
        if (!entry.Control.IsLinked) { _controlled.AddLast(entry.Control); }
    }

    private void ClearControl(StreamEntry entry, PendingControl frames)
    {
        entry.PendingControl &= ~frames;
        if (entry.PendingControl == PendingControl.None && entry.Control.IsLinked) { _controlled.Remove(entry.Control); }
    }

    private void QueueMaxStreams(long id)
    {
        if (!CounterOf(id).IsUpdateDue) { return; }
        _control |= IsUnidirectional(id) ? PendingControl.MaxStreamsUnidirectional : PendingControl.MaxStreamsBidirectional;
    }

    private void QueueStreamsBlocked(ref StreamCounter counter, bool bidirectional)
    {
        counter.WasRefused = true;
        // Once per limit; and none before the peer has named its limits.
        if (counter.BlockedAt == counter.Limit || counter.Limit == 0) { return; }
        counter.BlockedAt = counter.Limit;
        _control |= bidirectional ? PendingControl.StreamsBlockedBidirectional : PendingControl.StreamsBlockedUnidirectional;
    }
}
