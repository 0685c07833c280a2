namespace Coco.Quic.Streams;

/// <summary>The sending part of a stream (RFC 9000 §3.1).</summary>
internal sealed class SendStream
{
    public SendState State { get; private set; }

    public SendBuffer Buffer { get; } = new();

    /// <summary>The offset the peer lets us send up to.</summary>
    public long Limit { get; private set; }

    /// <summary>The limit a STREAM_DATA_BLOCKED frame was last queued for; -1 before.</summary>
    public long BlockedAt { get; set; } = -1;

    /// <summary>The application has written the end.</summary>
    public bool IsFinWritten { get; private set; }

    /// <summary>The application was told that the buffer is full.</summary>
    public bool WantsWritable { get; set; }

    /// <summary>Bytes, in flight and unsent, that the application wants kept here at most.</summary>
    public long MaxBuffered { get; set; } = long.MaxValue;

    /// <summary>What RESET_STREAM carries.</summary>
    public ulong ErrorCode { get; private set; }

    /// <summary>The peer sent STOP_SENDING, with <see cref="ErrorCode"/>.</summary>
    public bool IsStopped { get; private set; }

    private bool _isFinDue; // to be sent: never was, or was lost
    private bool _isFinAcked;

    public bool IsTerminal => State is SendState.DataRecvd or SendState.ResetRecvd;

    public bool CanWrite => State is SendState.Ready or SendState.Send && !IsFinWritten;

    public bool IsReset => State is SendState.ResetSent or SendState.ResetRecvd;

    private bool IsSending => State is SendState.Ready or SendState.Send or SendState.DataSent;

    /// <summary>Has something to send that no limit holds back: lost bytes, or an end without new bytes.</summary>
    public bool HasRetransmit => IsSending && (Buffer.HasLost || (_isFinDue && Buffer.Next == Buffer.End));

    /// <summary>Has new bytes within the stream's limit; the connection's may still hold them back.</summary>
    public bool HasFresh => Buffer.Next < Buffer.End && Buffer.Next < Limit;

    public bool IsBlocked => Buffer.Next < Buffer.End && Buffer.Next >= Limit;

    public void RaiseLimit(long limit) => Limit = Math.Max(Limit, limit);

    public void Finish() => IsFinWritten = _isFinDue = true;

    /// <summary>What to send next: lost ranges first (RFC 9000 §13.3), then new bytes within both limits.</summary>
    public ByteRange NextRange(long connectionCredit)
    {
        if (Buffer.HasLost) { return Buffer.FirstLost; }
        var start = Buffer.Next;
        return new(start, Math.Max(start, Math.Min(Math.Min(Buffer.End, Limit), start + connectionCredit)));
    }

    /// <summary>Whether a frame that ends here carries the FIN bit.</summary>
    public bool IsFinAt(long end) => IsFinWritten && end == Buffer.End;

    public void OnSent(long offset, int length, bool fin)
    {
        Buffer.OnSent(offset, length);
        if (fin) { _isFinDue = false; }
        if (State is SendState.Ready) { State = SendState.Send; }
        if (State is SendState.Send && fin) { State = SendState.DataSent; }
    }

    public void OnAcked(in StreamFrameSent sent, StreamPool pool)
    {
        if (!IsSending) { return; }

        Buffer.OnAcked((long)sent.Offset, sent.Length, pool);
        if (sent.Fin)
        {
            _isFinAcked = true;
            _isFinDue = false;
        }
        if (State is SendState.DataSent && _isFinAcked && Buffer.IsAllAcked) { State = SendState.DataRecvd; }
    }

    public void OnLost(in StreamFrameSent sent)
    {
        if (!IsSending) { return; }

        Buffer.OnLost((long)sent.Offset, sent.Length);
        if (sent.Fin && !_isFinAcked) { _isFinDue = true; }
    }

    /// <summary>Gives up sending; false when the peer has everything already or a reset went out before.</summary>
    public bool Reset(ulong code, bool stoppedByPeer, StreamPool pool)
    {
        if (!IsSending) { return false; }

        Buffer.Discard(pool);
        ErrorCode = code;
        IsStopped = stoppedByPeer;
        State = SendState.ResetSent;
        return true;
    }

    public void OnResetAcked()
    {
        if (State is SendState.ResetSent) { State = SendState.ResetRecvd; }
    }

    /// <summary>Makes it as new.</summary>
    public void Clear(StreamPool pool)
    {
        Buffer.Clear(pool);
        State = SendState.Ready;
        Limit = 0;
        BlockedAt = -1;
        MaxBuffered = long.MaxValue;
        IsFinWritten = WantsWritable = IsStopped = _isFinDue = _isFinAcked = false;
        ErrorCode = 0;
    }
}
