namespace Coco.Quic.Streams;

/// <summary>The receiving part of a stream (RFC 9000 §3.2).</summary>
internal sealed class ReceiveStream
{
    private const long SizeUnknown = -1;

    private ReceiveWindow _window;
    private long _finalSize = SizeUnknown;

    public ReceiveState State { get; private set; }

    public ReceiveBuffer Buffer { get; } = new();

    /// <summary>The end of the furthest byte the peer has sent: what counts against both limits.</summary>
    public long Highest { get; private set; }

    /// <summary>What the peer's RESET_STREAM carried.</summary>
    public ulong ErrorCode { get; private set; }

    /// <summary>What our STOP_SENDING carries, once the application has lost interest.</summary>
    public ulong StopCode { get; private set; }

    public bool IsStopped { get; private set; }

    public bool IsTerminal => State is ReceiveState.DataRead or ReceiveState.ResetRead;

    public bool IsEndReadable => State is ReceiveState.DataRecvd && Buffer.Readable == 0;

    /// <summary>More credit is of use only while the size is unknown (RFC 9000 §3.2).</summary>
    public bool IsWindowUpdateDue => State is ReceiveState.Recv && !IsStopped && _window.IsUpdateDue;

    public long Limit => _window.Limit;

    public long WindowSize => _window.Size;

    public void Start(long window, long maxWindow) => _window.Start(window, maxWindow);

    public long UpdateWindow(long now, long rtt) => _window.Update(now, rtt);

    /// <summary>
    /// Checks the end of a frame's bytes, or a final size, against the known final size, the stream's limit and what the
    /// connection's limit leaves, before anything is stored.
    /// </summary>
    public QuicErrorCode Check(long end, bool isFinal, long connectionCredit)
    {
        // RFC 9000 §4.5: a known final size does not change and nothing lies beyond it, even after the data was read.
        var contradictsSize = _finalSize != SizeUnknown && (end > _finalSize || (isFinal && end != _finalSize));
        if (contradictsSize || (isFinal && end < Highest)) { return QuicErrorCode.FinalSizeError; }

        // §4.1
        if (end > _window.Limit || end - Highest > connectionCredit) { return QuicErrorCode.FlowControlError; }
        return QuicErrorCode.NoError;
    }

    /// <summary>Takes a checked STREAM frame; true when there is news for the reader.</summary>
    public bool HandleStream(long offset, ReadOnlySpan<byte> data, bool fin, StreamPool pool)
    {
        var end = offset + data.Length;
        Highest = Math.Max(Highest, end);
        if (State is not (ReceiveState.Recv or ReceiveState.SizeKnown)) { return false; }

        if (fin)
        {
            _finalSize = end;
            State = ReceiveState.SizeKnown;
        }
        if (IsStopped)
        {
            // Nobody reads: the size is all that was still to be learnt.
            if (State is ReceiveState.SizeKnown) { State = ReceiveState.DataRead; }
            return false;
        }

        var before = Buffer.End;
        Buffer.Write(offset, data, pool);
        if (Buffer.End == _finalSize)
        {
            State = ReceiveState.DataRecvd;
            return true;
        }
        return Buffer.End != before;
    }

    /// <summary>Takes a checked RESET_STREAM; true when the reader is to be told.</summary>
    public bool HandleReset(ulong code, long finalSize, StreamPool pool)
    {
        Highest = Math.Max(Highest, finalSize);
        // RFC 9000 §3.2 leaves open whether a reset overtakes data that is all there: it does not.
        if (State is not (ReceiveState.Recv or ReceiveState.SizeKnown)) { return false; }

        _finalSize = finalSize;
        ErrorCode = code;
        State = ReceiveState.ResetRecvd;
        Buffer.Discard(pool);
        return true;
    }

    /// <summary>The application wants no more of it; true when the peer can still be asked to stop (RFC 9000 §3.5).</summary>
    public bool Stop(ulong code, StreamPool pool)
    {
        if (IsStopped || IsTerminal) { return false; }

        IsStopped = true;
        StopCode = code;
        Buffer.Discard(pool);
        if (State is ReceiveState.Recv) { return true; }
        State = State is ReceiveState.ResetRecvd ? ReceiveState.ResetRead : ReceiveState.DataRead;
        return false;
    }

    /// <summary>
    /// Counts as consumed what was read, or all that arrived when nobody will read it; returns how much that adds.
    /// </summary>
    public long ConsumeRead()
    {
        var consumed = IsStopped || State is ReceiveState.ResetRecvd or ReceiveState.ResetRead ? Highest : Buffer.ReadOffset;
        var added = consumed - _window.Consumed;
        _window.Consume(added);
        return added;
    }

    public void OnEndRead() => State = ReceiveState.DataRead;

    public void OnResetRead() => State = ReceiveState.ResetRead;

    /// <summary>Makes it as new.</summary>
    public void Clear(StreamPool pool)
    {
        Buffer.Clear(pool);
        _window = default;
        _finalSize = SizeUnknown;
        State = ReceiveState.Recv;
        Highest = 0;
        ErrorCode = StopCode = 0;
        IsStopped = false;
    }
}
