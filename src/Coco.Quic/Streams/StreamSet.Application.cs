namespace Coco.Quic.Streams;

internal sealed partial class StreamSet
{
    /// <summary>
    /// Opens a stream. When the peer's limit is reached, the peer is told and a CanOpen event follows (RFC 9000 §4.6).
    /// </summary>
    public bool TryOpen(bool bidirectional, out long id)
    {
        id = (bidirectional ? 0 : UnidirectionalBit) | (_isClient ? ClientInitiated : ServerInitiated);
        ref var counter = ref CounterOf(id);
        if (counter.Opened >= counter.Limit)
        {
            QueueStreamsBlocked(ref counter, bidirectional);
            id = -1;
            return false;
        }
        id |= counter.Opened << TypeBits;
        counter.Opened++;
        Add(id).IsAccepted = true;
        return true;
    }

    /// <summary>
    /// Hands over the next stream the peer opened, bidirectional ones first. A stream is handed over once: here, or by its
    /// Opened event.
    /// </summary>
    public bool TryAccept(out long id)
    {
        var peer = _isClient ? ServerInitiated : ClientInitiated;
        return TryAccept(ref _peerBidirectional, peer, out id)
            || TryAccept(ref _peerUnidirectional, peer | UnidirectionalBit, out id);
    }

    /// <summary>Takes bytes to send, as many as the send buffer has room for, and the end if all were taken.</summary>
    public StreamWriteResult Write(long id, ReadOnlySpan<byte> data, bool fin, out int written)
    {
        written = 0;
        var result = CheckWrite(id, out var entry);
        if (result.Status is not StreamWriteStatus.Ok) { return result; }

        var send = entry!.Send!;
        written = (int)Math.Min(data.Length, Math.Max(0, ShareOf(send) - send.Buffer.Buffered));
        send.Buffer.Write(data[..written], _pool);
        var isFull = written < data.Length;
        if (fin && !isFull) { send.Finish(); }
        send.WantsWritable = isFull;
        UpdateBuffering(entry);
        UpdateSending(entry);
        return new(isFull ? StreamWriteStatus.Blocked : StreamWriteStatus.Ok);
    }

    /// <summary>
    /// Room to write into without a copy, at most a block; empty when nothing can be written now, and a Writable event follows if
    /// that is because the buffer is full. Call <see cref="AdvanceWrite"/> before anything else.
    /// </summary>
    public Span<byte> GetWriteSpan(long id)
    {
        if (CheckWrite(id, out var entry).Status is not StreamWriteStatus.Ok) { return default; }

        var send = entry!.Send!;
        var room = ShareOf(send) - send.Buffer.Buffered;
        if (room <= 0)
        {
            send.WantsWritable = true;
            return default;
        }
        var span = send.Buffer.GetWriteSpan(_pool);
        return span.Length > room ? span[..(int)room] : span;
    }

    /// <summary>Says how much of the last <see cref="GetWriteSpan"/> was filled, and whether the stream ends there.</summary>
    public void AdvanceWrite(long id, int count, bool fin)
    {
        if (CheckWrite(id, out var entry).Status is not StreamWriteStatus.Ok) { return; }

        entry!.Send!.Buffer.AdvanceWrite(count);
        if (fin) { entry.Send.Finish(); }
        UpdateBuffering(entry);
        UpdateSending(entry);
    }

    /// <summary>Takes bytes that arrived in order.</summary>
    public StreamReadResult Read(long id, Span<byte> destination, out int read, out bool fin)
    {
        read = 0;
        fin = false;
        var entry = Find(id);
        if (entry?.Receive is not { } receive)
        {
            return new(WasOpened(id) && CanReceive(id) ? StreamReadStatus.Closed : StreamReadStatus.Unknown);
        }
        if (receive.State is ReceiveState.ResetRecvd)
        {
            receive.OnResetRead();
            CheckEnded(entry);
            return new(StreamReadStatus.Reset, receive.ErrorCode);
        }
        if (receive.IsStopped || receive.IsTerminal) { return new(StreamReadStatus.Closed); }

        read = receive.Buffer.Read(destination, _pool);
        fin = OnRead(entry);
        return new(read > 0 || fin ? StreamReadStatus.Ok : StreamReadStatus.Empty);
    }

    /// <summary>
    /// The bytes that can be read next, in place and at most a block; valid until the next call about this stream.
    /// </summary>
    public ReadOnlySpan<byte> PeekRead(long id) => Find(id)?.Receive is { } receive ? receive.Buffer.Peek() : default;

    /// <summary>
    /// Takes bytes that <see cref="PeekRead"/> showed; true when the stream ends there. Zero is allowed, to learn of an end.
    /// </summary>
    public bool AdvanceRead(long id, int count)
    {
        if (Find(id) is not { Receive: { IsTerminal: false } receive } entry) { return false; }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, receive.Buffer.Readable);
        receive.Buffer.Advance(count, _pool);
        return OnRead(entry);
    }

    /// <summary>Gives up sending: what is not sent never will be (RFC 9000 §3.1).</summary>
    public void Reset(long id, ulong code)
    {
        if (Find(id) is { Send: not null } entry) { Reset(entry, code, stoppedByPeer: false); }
    }

    /// <summary>Gives up reading: the peer is asked to stop, what still comes is dropped (RFC 9000 §3.5).</summary>
    public void StopSending(long id, ulong code)
    {
        if (Find(id) is not { Receive: { } receive } entry) { return; }

        var ranges = receive.Buffer.RangeCount;
        if (receive.Stop(code, _pool)) { QueueControl(entry, PendingControl.StopSending); }
        _receiveRanges -= ranges;
        ClearControl(entry, PendingControl.MaxStreamData);
        Consume(entry);
        CheckEnded(entry);
    }

    /// <summary>
    /// Says when a stream sends: urgency 0 to 7, lower first; incremental streams of one urgency take turns, others go one after
    /// the other. New streams have urgency 3 and take turns, since most carry independent traffic.
    /// </summary>
    public void SetPriority(long id, byte urgency, bool incremental)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(urgency, 7);
        if (Find(id) is not { Send: not null } entry) { return; }

        _scheduler.Remove(entry);
        entry.Urgency = urgency;
        entry.IsIncremental = incremental;
        _scheduler.Update(entry);
    }

    /// <summary>Keeps the buffer of a stream short, whatever the connection's would allow: for data that is worth nothing once it is late.</summary>
    public void SetMaxBuffered(long id, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        if (Find(id)?.Send is { } send) { send.MaxBuffered = bytes; }
    }

    private bool TryAccept(ref StreamCounter counter, long type, out long id)
    {
        while (counter.Accepted < counter.Opened)
        {
            id = (counter.Accepted++ << TypeBits) | type;
            if (Find(id) is { IsAccepted: false } entry)
            {
                entry.IsAccepted = true;
                TakeBack(entry, StreamEventKind.Opened);
                return true;
            }
        }
        id = -1;
        return false;
    }

    private StreamWriteResult CheckWrite(long id, out StreamEntry? entry)
    {
        entry = Find(id);
        if (entry?.Send is not { } send)
        {
            return new(WasOpened(id) && CanSend(id) ? StreamWriteStatus.Closed : StreamWriteStatus.Unknown);
        }
        if (send.IsStopped) { return new(StreamWriteStatus.Stopped, send.ErrorCode); }
        return new(send.CanWrite ? StreamWriteStatus.Ok : StreamWriteStatus.Closed);
    }

    private bool WasOpened(long id) => id >= 0 && id >> TypeBits < CounterOf(id).Opened;

    private bool OnRead(StreamEntry entry)
    {
        var receive = entry.Receive!;
        Consume(entry);
        if (!receive.IsEndReadable) { return false; }

        receive.OnEndRead();
        TakeBack(entry, StreamEventKind.Readable);
        CheckEnded(entry);
        return true;
    }

    private void UpdateBuffering(StreamEntry entry)
    {
        var isBuffering = entry.Send!.Buffer.Buffered > 0;
        if (isBuffering == entry.IsBuffering) { return; }
        entry.IsBuffering = isBuffering;
        _bufferingStreams += isBuffering ? 1 : -1;
    }

    private void Consume(StreamEntry entry)
    {
        var receive = entry.Receive!;
        _receiveWindow.Consume(receive.ConsumeRead());
        if (receive.IsWindowUpdateDue) { QueueControl(entry, PendingControl.MaxStreamData); }
        if (_receiveWindow.IsUpdateDue) { _control |= PendingControl.MaxData; }
    }

    private void Reset(StreamEntry entry, ulong code, bool stoppedByPeer)
    {
        if (!entry.Send!.Reset(code, stoppedByPeer, _pool)) { return; }

        _scheduler.Remove(entry);
        UpdateBuffering(entry);
        ClearControl(entry, PendingControl.StreamDataBlocked);
        TakeBack(entry, StreamEventKind.Writable);
        QueueControl(entry, PendingControl.ResetStream);
        if (stoppedByPeer) { Raise(entry, StreamEventKind.Stopped); }
    }
}
