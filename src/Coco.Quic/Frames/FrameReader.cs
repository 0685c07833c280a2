using Coco.Quic.Packets;

namespace Coco.Quic.Frames;

/// <summary>
/// Reads the frames of one decrypted packet in order. <see cref="TryRead"/> returns false at the end or at the first error;
/// <see cref="Error"/> tells which. Rules that need the state of a stream or connection are for its owner.
/// </summary>
internal ref partial struct FrameReader
{
    private readonly EncryptionLevel _level;
    private readonly bool _isFromServer;
    private SpanReader _reader;

    public FrameReader(ReadOnlySpan<byte> payload, EncryptionLevel level, bool isFromServer)
    {
        _level = level;
        _isFromServer = isFromServer;
        _reader = new(payload);

        // §12.4: a packet that contains no frames is a PROTOCOL_VIOLATION.
        if (payload.IsEmpty) { Fail(QuicErrorCode.ProtocolViolation, FrameType.Padding, "packet without frames"); }
    }

    /// <summary>What to close the connection with; NoError while nothing is wrong.</summary>
    public QuicErrorCode Error { get; private set; }

    /// <summary>The type of the frame at fault, for the CONNECTION_CLOSE.</summary>
    public FrameType ErrorFrameType { get; private set; }

    /// <summary>A constant text for the CONNECTION_CLOSE, empty while nothing is wrong.</summary>
    public string ErrorReason { get; private set; } = "";

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _reader.Position;

    public bool TryRead(out Frame frame)
    {
        Frame next = default;
        var found = TryReadNext(ref next);
        frame = next;
        return found;
    }

    private bool TryReadNext(ref Frame frame)
    {
        if (_reader.IsEmpty || Error != QuicErrorCode.NoError) { return false; }

        var start = _reader.Position;
        if (!_reader.TryReadVarInt(out var type))
        {
            return Fail(QuicErrorCode.FrameEncodingError, FrameType.Padding, "frame type is cut off");
        }
        frame.Type = (FrameType)type;

        // §12.4: a frame type not in its shortest encoding MAY be treated as a PROTOCOL_VIOLATION.
        if (_reader.Position - start != VarInt.Length(type))
        {
            return Fail(QuicErrorCode.ProtocolViolation, frame.Type, "frame type not in its shortest encoding");
        }

        if ((type & ~7UL) == (ulong)FrameType.Stream)
        {
            frame.Type = FrameType.Stream;
            return IsPermitted(FrameType.Stream) && TryReadStream(ref frame, (byte)type);
        }

        if (!IsKnown(frame.Type))
        {
            return Fail(QuicErrorCode.FrameEncodingError, frame.Type, "unknown frame type");
        }
        return IsPermitted(frame.Type) && TryReadBody(ref frame);
    }

    private static bool IsKnown(FrameType type) =>
        type is <= FrameType.ImmediateAck or FrameType.Datagram or FrameType.DatagramWithLength or FrameType.AckFrequency;

    private bool IsPermitted(FrameType type)
    {
        // §12.4: a frame in a packet type that does not permit it is a PROTOCOL_VIOLATION.
        if (!type.IsAllowedIn(_level))
        {
            return Fail(QuicErrorCode.ProtocolViolation, type, "frame not permitted in this packet type");
        }

        // §19.7 and §19.20: so is a frame that only servers send, when it comes from a client.
        return _isFromServer || !type.IsServerOnly()
            || Fail(QuicErrorCode.ProtocolViolation, type, "frame only a server may send");
    }

    private bool Malformed(FrameType type) => Fail(QuicErrorCode.FrameEncodingError, type, "malformed frame");

    private bool Fail(QuicErrorCode error, FrameType type, string reason)
    {
        Error = error;
        ErrorFrameType = type;
        ErrorReason = reason;
        return false;
    }
}
