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
        if (sent.Kind is not ControlFrameKind.ResetStream || Find(sent.Id) is not { Send: { } send } entry) { return; }
        send.OnResetAcked();
        CheckEnded(entry);
    }

    /// <summary>The packet that carried the frame was lost: what it said is said again, as it stands now (RFC 9000 §13.3).</summary>
    public void OnLost(in ControlFrameSent sent)
    {
        switch (sent.Kind)
        {
            // A newer frame of the kind is on its way, or the value is outdated: nothing to repeat.
            case ControlFrameKind.MaxData:
                if ((long)sent.Value == _receiveWindow.Limit) { _control |= PendingControl.MaxData; }
                break;
            case ControlFrameKind.MaxStreamsBidirectional:
                if ((long)sent.Value == _peerBidirectional.Limit) { _control |= PendingControl.MaxStreamsBidirectional; }
                break;
            case ControlFrameKind.MaxStreamsUnidirectional:
                if ((long)sent.Value == _peerUnidirectional.Limit) { _control |= PendingControl.MaxStreamsUnidirectional; }
                break;
            case ControlFrameKind.DataBlocked:
                if ((long)sent.Value == _sendLimit && _sent >= _sendLimit && _scheduler.HasFresh) { _control |= PendingControl.DataBlocked; }
                break;
            case ControlFrameKind.StreamsBlockedBidirectional:
                if ((long)sent.Value == _localBidirectional.Limit && _localBidirectional.WasRefused) { _control |= PendingControl.StreamsBlockedBidirectional; }
                break;
            case ControlFrameKind.StreamsBlockedUnidirectional:
                if ((long)sent.Value == _localUnidirectional.Limit && _localUnidirectional.WasRefused) { _control |= PendingControl.StreamsBlockedUnidirectional; }
                break;
            default:
                if (Find(sent.Id) is { } entry) { RepeatFrameOf(entry, sent); }
                break;
        }
    }

    private void RepeatFrameOf(StreamEntry entry, in ControlFrameSent sent)
    {
        var again = sent.Kind switch
        {
            ControlFrameKind.ResetStream when entry.Send!.State is SendState.ResetSent => PendingControl.ResetStream,
            // RFC 9000 §13.3: until the receiving part ends; then it is of no use.
            ControlFrameKind.StopSending when entry.Receive!.State is ReceiveState.Recv => PendingControl.StopSending,
            ControlFrameKind.MaxStreamData when entry.Receive is { State: ReceiveState.Recv, IsStopped: false }
                && entry.Receive.Limit == (long)sent.Value => PendingControl.MaxStreamData,
            ControlFrameKind.StreamDataBlocked when entry.Send!.IsBlocked && entry.Send.Limit == (long)sent.Value => PendingControl.StreamDataBlocked,
            _ => PendingControl.None,
        };
        if (again != PendingControl.None) { QueueControl(entry, again); }
    }

    private bool TryWriteConnectionFrame(Span<byte> destination, long now, long rtt, out ControlFrameSent sent, out int written)
    {
        var flag = (PendingControl)((int)_control & -(int)_control);
        var (kind, value) = flag switch
        {
            PendingControl.MaxData => (ControlFrameKind.MaxData, 0),
            PendingControl.DataBlocked => (ControlFrameKind.DataBlocked, _sendLimit),
            PendingControl.MaxStreamsBidirectional => (ControlFrameKind.MaxStreamsBidirectional, _peerBidirectional.Next),
            PendingControl.MaxStreamsUnidirectional => (ControlFrameKind.MaxStreamsUnidirectional, _peerUnidirectional.Next),
            PendingControl.StreamsBlockedBidirectional => (ControlFrameKind.StreamsBlockedBidirectional, _localBidirectional.Limit),
            _ => (ControlFrameKind.StreamsBlockedUnidirectional, _localUnidirectional.Limit),
        };
        sent = default;
        written = 0;
        if (destination.Length < 1 + VarInt.MaxLength) { return false; }

        switch (kind)
        {
            case ControlFrameKind.MaxData: value = _receiveWindow.Update(now, rtt); break;
            case ControlFrameKind.MaxStreamsBidirectional: _peerBidirectional.Limit = value; break;
            case ControlFrameKind.MaxStreamsUnidirectional: _peerUnidirectional.Limit = value; break;
        }
        _control &= ~flag;
        destination[0] = (byte)kind;
        written = 1 + VarInt.Write(destination[1..], (ulong)value);
        sent = new(kind, -1, (ulong)value);
        return true;
    }

    private bool TryWriteFrameOf(StreamEntry entry, Span<byte> destination, long now, long rtt, out ControlFrameSent sent, out int written)
    {
        sent = default;
        written = 0;
        if (destination.Length < 1 + 3 * VarInt.MaxLength) { return false; }

        var flag = (PendingControl)((int)entry.PendingControl & -(int)entry.PendingControl);
        var (kind, value) = flag switch
        {
            PendingControl.ResetStream => (ControlFrameKind.ResetStream, entry.Send!.ErrorCode),
            PendingControl.StopSending => (ControlFrameKind.StopSending, entry.Receive!.StopCode),
            PendingControl.MaxStreamData => (ControlFrameKind.MaxStreamData, (ulong)UpdateWindowOf(entry.Receive!, now, rtt)),
            _ => (ControlFrameKind.StreamDataBlocked, (ulong)entry.Send!.Limit),
        };
        destination[0] = (byte)kind;
        written = 1 + VarInt.Write(destination[1..], (ulong)entry.Id);
        written += VarInt.Write(destination[written..], value);
        // RFC 9000 §4.5: the final size is what was sent, whether or not it arrived.
        if (kind is ControlFrameKind.ResetStream) { written += VarInt.Write(destination[written..], (ulong)entry.Send!.Buffer.Next); }
        sent = new(kind, entry.Id, value);
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
