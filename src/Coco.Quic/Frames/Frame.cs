using Coco.Quic.Packets;

namespace Coco.Quic.Frames;

/// <summary>
/// One parsed frame. Its spans point into the packet, and which properties mean anything follows from <see cref="Type"/>:
/// <code>
/// ACK                    LargestAcknowledged, AckDelay, AckRanges, Ecn when Type is AckEcn
/// RESET_STREAM           StreamId, ErrorCode, FinalSize              STOP_SENDING        StreamId, ErrorCode
/// CRYPTO                 Offset, Data                                NEW_TOKEN           Data
/// STREAM                 StreamId, Offset, Data, Fin                 DATAGRAM            Data
/// MAX_DATA, MAX_STREAMS, DATA_BLOCKED, STREAMS_BLOCKED: Maximum      MAX_STREAM_DATA, STREAM_DATA_BLOCKED: StreamId, Maximum
/// NEW_CONNECTION_ID      Sequence, RetirePriorTo, ConnectionId, ResetToken                   RETIRE_CONNECTION_ID  Sequence
/// PATH_CHALLENGE, PATH_RESPONSE: PathData                            CONNECTION_CLOSE    ErrorCode, OffendingType, Reason
/// ACK_FREQUENCY          Sequence, AckElicitingThreshold, RequestedMaxAckDelay (microseconds), ReorderingThreshold
/// PADDING                Data (the run behind its first byte)        PING, HANDSHAKE_DONE, IMMEDIATE_ACK  nothing
/// </code>
/// </summary>
internal ref struct Frame
{
    // Four numbers serve all frames, so that clearing a frame before each parse stays cheap.
    private ulong _first;
    private ulong _second;
    private ulong _third;
    private ulong _fourth;

    public FrameType Type;
    public bool Fin;
    public ReadOnlySpan<byte> Data;

    private ReadOnlySpan<byte> _trailer;

    public ulong StreamId { readonly get => _first; set => _first = value; }

    public ulong Offset { readonly get => _second; set => _second = value; }

    public ulong ErrorCode { readonly get => _second; set => _second = value; }

    public ulong FinalSize { readonly get => _third; set => _third = value; }

    public ulong Maximum { readonly get => _third; set => _third = value; }

    public ulong Sequence { readonly get => _first; set => _first = value; }

    public ulong RetirePriorTo { readonly get => _second; set => _second = value; }

    public readonly ConnectionId ConnectionId => new(Data);

    public readonly StatelessResetToken ResetToken => new(_trailer);

    public ulong PathData { readonly get => _first; set => _first = value; }

    /// <summary>The type of the frame that made the peer close; Padding when unknown, and in an application's close.</summary>
    public FrameType OffendingType { readonly get => (FrameType)_third; set => _third = (ulong)value; }

    /// <summary>UTF-8 as the peer wrote it; it may be anything.</summary>
    public ReadOnlySpan<byte> Reason { readonly get => Data; set => Data = value; }

    public ulong LargestAcknowledged { readonly get => _first; set => _first = value; }

    /// <summary>As encoded: to be scaled by the peer's ack_delay_exponent, and up to 2^62 − 1 before that.</summary>
    public ulong AckDelay { readonly get => _second; set => _second = value; }

    /// <summary>The distance from the smallest to the largest packet number of the first range.</summary>
    public ulong FirstAckRange { readonly get => _third; set => _third = value; }

    /// <summary>The ranges after the first.</summary>
    public ulong AckRangeCount { readonly get => _fourth; set => _fourth = value; }

    public readonly AckRangeReader AckRanges => new(LargestAcknowledged, FirstAckRange, AckRangeCount, Data);

    public readonly EcnCounts Ecn => EcnCounts.Read(_trailer);

    public ulong AckElicitingThreshold { readonly get => _second; set => _second = value; }

    public ulong RequestedMaxAckDelay { readonly get => _third; set => _third = value; }

    public ulong ReorderingThreshold { readonly get => _fourth; set => _fourth = value; }

    /// <summary>Whatever follows <see cref="Data"/> in the frame: ECN counts, or a stateless reset token.</summary>
    internal void SetTrailer(ReadOnlySpan<byte> trailer) => _trailer = trailer;
}
