using Coco.Quic.Packets;

namespace Coco.Quic.Frames;

/// <summary>The fields behind each frame type, in the order of RFC 9000 §19.</summary>
internal ref partial struct FrameReader
{
    /// <summary>§4.6 and §19.11: no stream ID beyond this many streams could be encoded.</summary>
    private const ulong MaxStreams = 1UL << 60;

    private bool TryReadBody(ref Frame frame)
    {
        var complete = frame.Type switch
        {
            FrameType.Padding => ReadPadding(ref frame),
            FrameType.Ping or FrameType.HandshakeDone or FrameType.ImmediateAck => true,
            FrameType.Ack or FrameType.AckEcn => TryReadAck(ref frame),
            FrameType.ResetStream => TryReadStreamIdAndErrorCode(ref frame) && TryReadFinalSize(ref frame),
            FrameType.StopSending => TryReadStreamIdAndErrorCode(ref frame),
            FrameType.Crypto => TryReadCrypto(ref frame),
            FrameType.NewToken => TryReadNewToken(ref frame),
            FrameType.MaxStreamData or FrameType.StreamDataBlocked =>
                TryReadStreamId(ref frame) && TryReadMaximum(ref frame, VarInt.Max),
            FrameType.MaxData or FrameType.DataBlocked => TryReadMaximum(ref frame, VarInt.Max),
            // §19.11 and §19.14: a larger count is a FRAME_ENCODING_ERROR.
            FrameType.MaxStreamsBidi or FrameType.MaxStreamsUni or FrameType.StreamsBlockedBidi or FrameType.StreamsBlockedUni =>
                TryReadMaximum(ref frame, MaxStreams),
            FrameType.NewConnectionId => TryReadNewConnectionId(ref frame),
            FrameType.RetireConnectionId => TryReadSequence(ref frame),
            FrameType.PathChallenge or FrameType.PathResponse => TryReadPathData(ref frame),
            FrameType.ConnectionClose or FrameType.ApplicationClose => TryReadClose(ref frame),
            FrameType.Datagram => ReadDatagram(ref frame),
            FrameType.DatagramWithLength => _reader.TryReadVarIntBytes(out frame.Data),
            _ => TryReadAckFrequency(ref frame),
        };
        return complete || Malformed(frame.Type);
    }

    private bool TryReadStream(ref Frame frame, byte type)
    {
        if (!_reader.TryReadVarInt(out var streamId)) { return Malformed(FrameType.Stream); }
        ulong offset = 0;
        if ((type & StreamBits.Offset) != 0 && !_reader.TryReadVarInt(out offset)) { return Malformed(FrameType.Stream); }

        if ((type & StreamBits.Length) == 0)
        {
            frame.Data = _reader.ReadToEnd();
        }
        else if (!_reader.TryReadVarIntBytes(out frame.Data))
        {
            return Malformed(FrameType.Stream);
        }

        // §19.8: the largest offset delivered on a stream cannot exceed 2^62 - 1.
        if (offset + (ulong)frame.Data.Length > VarInt.Max) { return Malformed(FrameType.Stream); }

        frame.StreamId = streamId;
        frame.Offset = offset;
        frame.Fin = (type & StreamBits.Fin) != 0;
        return true;
    }

    // A run of padding is one frame here: a full-size probe has a thousand of them.
    private bool ReadPadding(ref Frame frame)
    {
        var rest = _reader.Remaining;
        var length = rest.IndexOfAnyExcept((byte)0);
        return _reader.TryReadBytes(length < 0 ? rest.Length : length, out frame.Data);
    }

    private bool TryReadAck(ref Frame frame)
    {
        if (!_reader.TryReadVarInt(out var largest)
            || !_reader.TryReadVarInt(out var delay)
            || !_reader.TryReadVarInt(out var count)
            || !_reader.TryReadVarInt(out var firstRange))
        {
            return false;
        }

        // §19.3.1: a computed packet number below zero is a FRAME_ENCODING_ERROR. Checked now, so that nothing is acted on first.
        var ranges = new AckRangeReader(largest, firstRange, count, _reader.Remaining);
        while (ranges.TryRead(out _)) { }
        if (ranges.IsMalformed || !_reader.TryReadBytes(ranges.Position, out frame.Data)) { return false; }

        frame.LargestAcknowledged = largest;
        frame.AckDelay = delay;
        frame.AckRangeCount = count;
        frame.FirstAckRange = firstRange;
        return frame.Type == FrameType.Ack || TryReadEcnCounts(ref frame);
    }

    private bool TryReadEcnCounts(ref Frame frame)
    {
        var start = _reader;
        if (!_reader.TryReadVarInt(out _) || !_reader.TryReadVarInt(out _) || !_reader.TryReadVarInt(out _)) { return false; }
        frame.SetTrailer(start.Remaining[..(_reader.Position - start.Position)]);
        return true;
    }

    private bool TryReadStreamId(ref Frame frame)
    {
        if (!_reader.TryReadVarInt(out var streamId)) { return false; }
        frame.StreamId = streamId;
        return true;
    }

    private bool TryReadStreamIdAndErrorCode(ref Frame frame)
    {
        if (!TryReadStreamId(ref frame) || !_reader.TryReadVarInt(out var errorCode)) { return false; }
        frame.ErrorCode = errorCode;
        return true;
    }

    private bool TryReadFinalSize(ref Frame frame)
    {
        if (!_reader.TryReadVarInt(out var finalSize)) { return false; }
        frame.FinalSize = finalSize;
        return true;
    }

    private bool TryReadCrypto(ref Frame frame)
    {
        if (!_reader.TryReadVarInt(out var offset) || !_reader.TryReadVarIntBytes(out frame.Data)) { return false; }
        frame.Offset = offset;
        // §19.6: the largest offset delivered cannot exceed 2^62 - 1.
        return offset + (ulong)frame.Data.Length <= VarInt.Max;
    }

    // §19.7: an empty token is a FRAME_ENCODING_ERROR.
    private bool TryReadNewToken(ref Frame frame) => _reader.TryReadVarIntBytes(out frame.Data) && !frame.Data.IsEmpty;

    private bool TryReadMaximum(ref Frame frame, ulong limit)
    {
        if (!_reader.TryReadVarInt(out var maximum)) { return false; }
        frame.Maximum = maximum;
        return maximum <= limit;
    }

    private bool TryReadSequence(ref Frame frame)
    {
        if (!_reader.TryReadVarInt(out var sequence)) { return false; }
        frame.Sequence = sequence;
        return true;
    }

    private bool TryReadNewConnectionId(ref Frame frame)
    {
        if (!TryReadSequence(ref frame)
            || !_reader.TryReadVarInt(out var retirePriorTo)
            || !_reader.TryReadByteLengthBytes(out frame.Data)
            || !_reader.TryReadBytes(StatelessResetToken.Length, out var token))
        {
            return false;
        }
        frame.RetirePriorTo = retirePriorTo;
        frame.SetTrailer(token);

        // §19.15: a length below 1 or above 20, or retiring more than was issued, is a FRAME_ENCODING_ERROR.
        return frame.Data.Length is >= 1 and <= ConnectionId.MaxLength && retirePriorTo <= frame.Sequence;
    }

    private bool TryReadPathData(ref Frame frame)
    {
        if (!_reader.TryReadUInt64(out var data)) { return false; }
        frame.PathData = data;
        return true;
    }

    private bool TryReadClose(ref Frame frame)
    {
        ulong offendingType = 0;
        if (!_reader.TryReadVarInt(out var errorCode)
            || (frame.Type == FrameType.ConnectionClose && !_reader.TryReadVarInt(out offendingType))
            || !_reader.TryReadVarIntBytes(out frame.Data))
        {
            return false;
        }
        frame.ErrorCode = errorCode;
        frame.OffendingType = (FrameType)offendingType;
        return true;
    }

    // RFC 9221 §4: without a length the data extends to the end of the packet.
    private bool ReadDatagram(ref Frame frame)
    {
        frame.Data = _reader.ReadToEnd();
        return true;
    }

    private bool TryReadAckFrequency(ref Frame frame)
    {
        if (!TryReadSequence(ref frame)
            || !_reader.TryReadVarInt(out var threshold)
            || !_reader.TryReadVarInt(out var maxAckDelay)
            || !_reader.TryReadVarInt(out var reordering))
        {
            return false;
        }
        frame.AckElicitingThreshold = threshold;
        frame.RequestedMaxAckDelay = maxAckDelay;
        frame.ReorderingThreshold = reordering;
        return true;
    }
}
