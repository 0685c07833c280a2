using Coco.Quic.Frames;
using Coco.Quic.Packets;

namespace Coco.Quic.Qlog;

/// <summary>Frames (draft-ietf-quic-qlog-quic-events §8.13): their fields and lengths, never their content.</summary>
public sealed partial class QlogTrace
{
    // Chosen: an ordinary packet has a handful of each, while a peer could fill a jumbo datagram with thousands, and a record
    // with megabytes.
    private const int MaxFramesLogged = 256;
    private const int MaxRangesLogged = 256;

    private readonly int[] _ackDelayExponents = [3, 3]; // of ours, of the peer's

    private void WriteFrames(ReadOnlySpan<byte> payload, EncryptionLevel level, bool isSent)
    {
        _json.WriteStartArray("frames"u8);
        var reader = new FrameReader(payload, level, isFromServer: isSent != _isClient);
        var start = 0;
        for (var count = 0; count < MaxFramesLogged && reader.TryRead(out var frame); count++)
        {
            _json.WriteStartObject();
            WriteFrame(frame, level, isSent);
            WriteRaw(frame, reader.Position - start);
            _json.WriteEndObject();
            start = reader.Position;
        }
        _json.WriteEndArray();
    }

    private void WriteFrame(scoped in Frame frame, EncryptionLevel level, bool isSent)
    {
        switch (frame.Type)
        {
            case FrameType.Padding: WriteType("padding"u8); break;
            case FrameType.Ping: WriteType("ping"u8); break;
            case FrameType.Ack or FrameType.AckEcn: WriteAck(frame, level, isSent); break;
            case FrameType.Crypto: WriteType("crypto"u8); WriteInteger("offset"u8, frame.Offset); break;
            case FrameType.Stream: WriteStream(frame); break;
            case FrameType.Datagram or FrameType.DatagramWithLength: WriteType("datagram"u8); break;
            case FrameType.ResetStream:
                WriteType("reset_stream"u8);
                WriteStreamError(frame);
                WriteInteger("final_size"u8, frame.FinalSize);
                break;
            case FrameType.StopSending: WriteType("stop_sending"u8); WriteStreamError(frame); break;
            case FrameType.MaxData: WriteType("max_data"u8); WriteInteger("maximum"u8, frame.Maximum); break;
            case FrameType.MaxStreamData: WriteType("max_stream_data"u8); WriteStreamNumber(frame, "maximum"u8); break;
            case FrameType.MaxStreamsBidi or FrameType.MaxStreamsUni:
                WriteType("max_streams"u8);
                WriteStreamCount(frame, "maximum"u8);
                break;
            case FrameType.DataBlocked: WriteType("data_blocked"u8); WriteInteger("limit"u8, frame.Maximum); break;
            case FrameType.StreamDataBlocked: WriteType("stream_data_blocked"u8); WriteStreamNumber(frame, "limit"u8); break;
            case FrameType.StreamsBlockedBidi or FrameType.StreamsBlockedUni:
                WriteType("streams_blocked"u8);
                WriteStreamCount(frame, "limit"u8);
                break;
            case FrameType.NewConnectionId: WriteNewConnectionId(frame); break;
            case FrameType.RetireConnectionId:
                WriteType("retire_connection_id"u8);
                WriteInteger("sequence_number"u8, frame.Sequence);
                break;
            case FrameType.PathChallenge: WriteType("path_challenge"u8); break;
            case FrameType.PathResponse: WriteType("path_response"u8); break;
            case FrameType.ConnectionClose or FrameType.ApplicationClose: WriteClose(frame); break;
            case FrameType.HandshakeDone: WriteType("handshake_done"u8); break;
            case FrameType.NewToken: WriteNewToken(frame); break;
            case FrameType.ImmediateAck: WriteType("immediate_ack"u8); break;
            case FrameType.AckFrequency: WriteAckFrequency(frame); break;
            default: WriteType("unknown"u8); WriteInteger("frame_type_bytes"u8, (ulong)frame.Type); break;
        }
    }

    private void WriteType(ReadOnlySpan<byte> type) => _json.WriteString("frame_type"u8, type);

    private void WriteRaw(scoped in Frame frame, int length)
    {
        var hasData = frame.Type is FrameType.Crypto or FrameType.Stream or FrameType.Datagram or FrameType.DatagramWithLength;
        // qvis reads the length of data here, as up to version 0.3.
        if (hasData) { _json.WriteNumber("length"u8, frame.Data.Length); }
        _json.WriteStartObject("raw"u8);
        _json.WriteNumber("length"u8, length);
        if (hasData) { _json.WriteNumber("payload_length"u8, frame.Data.Length); }
        _json.WriteEndObject();
    }

    private void WriteAck(scoped in Frame frame, EncryptionLevel level, bool isSent)
    {
        WriteType("ack"u8);
        // RFC 9000 §19.3: before the parameters are known, the exponent is 3, and in long header packets it does not matter.
        var exponent = level == EncryptionLevel.OneRtt ? _ackDelayExponents[isSent ? 0 : 1] : 3;
        _json.WriteNumber("ack_delay"u8, frame.AckDelay * (double)(1L << exponent) / 1000);
        _json.WriteStartArray("acked_ranges"u8);
        var ranges = frame.AckRanges;
        for (var count = 0; count < MaxRangesLogged && ranges.TryRead(out var range); count++)
        {
            _json.WriteStartArray();
            _json.WriteNumberValue(range.Smallest);
            _json.WriteNumberValue(range.Largest);
            _json.WriteEndArray();
        }
        _json.WriteEndArray();
        if (frame.Type != FrameType.AckEcn) { return; }
        var counts = frame.Ecn;
        WriteInteger("ect0"u8, counts.Ect0);
        WriteInteger("ect1"u8, counts.Ect1);
        WriteInteger("ce"u8, counts.Ce);
    }

    private void WriteStream(scoped in Frame frame)
    {
        WriteType("stream"u8);
        WriteInteger("stream_id"u8, frame.StreamId);
        WriteInteger("offset"u8, frame.Offset);
        if (frame.Fin) { _json.WriteBoolean("fin"u8, true); }
    }

    // Application errors have no names here: the draft then wants "unknown" and the code.
    private void WriteStreamError(scoped in Frame frame)
    {
        WriteInteger("stream_id"u8, frame.StreamId);
        _json.WriteString("error"u8, "unknown"u8);
        WriteInteger("error_code"u8, frame.ErrorCode);
    }

    private void WriteStreamNumber(scoped in Frame frame, ReadOnlySpan<byte> name)
    {
        WriteInteger("stream_id"u8, frame.StreamId);
        WriteInteger(name, frame.Maximum);
    }

    private void WriteStreamCount(scoped in Frame frame, ReadOnlySpan<byte> name)
    {
        var isBidirectional = frame.Type is FrameType.MaxStreamsBidi or FrameType.StreamsBlockedBidi;
        _json.WriteString("stream_type"u8, isBidirectional ? "bidirectional"u8 : "unidirectional"u8);
        WriteInteger(name, frame.Maximum);
    }

    private void WriteNewConnectionId(scoped in Frame frame)
    {
        WriteType("new_connection_id"u8);
        WriteInteger("sequence_number"u8, frame.Sequence);
        WriteInteger("retire_prior_to"u8, frame.RetirePriorTo);
        _json.WriteNumber("connection_id_length"u8, frame.Data.Length);
        WriteHex("connection_id"u8, frame.Data); // without its reset token, with which anyone could end the connection
    }

    private void WriteNewToken(scoped in Frame frame)
    {
        WriteType("new_token"u8);
        _json.WriteStartObject("token"u8);
        _json.WriteString("type"u8, "resumption"u8);
        _json.WriteStartObject("raw"u8);
        _json.WriteNumber("length"u8, frame.Data.Length);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void WriteAckFrequency(scoped in Frame frame)
    {
        WriteType("ack_frequency"u8);
        WriteInteger("sequence_number"u8, frame.Sequence);
        WriteInteger("ack_eliciting_threshold"u8, frame.AckElicitingThreshold);
        WriteInteger("requested_max_ack_delay"u8, frame.RequestedMaxAckDelay);
        WriteInteger("reordering_threshold"u8, frame.ReorderingThreshold);
    }

    // The reason is left to connection_closed: as bytes of the peer's it may not even be UTF-8.
    private void WriteClose(scoped in Frame frame)
    {
        WriteType("connection_close"u8);
        var isApplication = frame.Type == FrameType.ApplicationClose;
        _json.WriteString("error_space"u8, isApplication ? "application"u8 : "transport"u8);
        WriteError("error"u8, frame.ErrorCode, isApplication);
        if (!isApplication) { WriteInteger("trigger_frame_type"u8, (ulong)frame.OffendingType); }
    }

    private void WriteError(ReadOnlySpan<byte> name, ulong code, bool isApplication)
    {
        if (!isApplication && QlogNames.IsCryptoError(code))
        {
            Span<char> text = stackalloc char[18];
            text.TryWrite(System.Globalization.CultureInfo.InvariantCulture, $"crypto_error_0x{code:x3}", out var written);
            _json.WriteString(name, text[..written]);
        }
        else
        {
            _json.WriteString(name, isApplication ? "unknown"u8 : QlogNames.OfError(code));
        }
        WriteInteger("error_code"u8, code);
    }
}
