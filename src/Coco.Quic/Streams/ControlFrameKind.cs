namespace Coco.Quic.Streams;

/// <summary>Frames about streams that carry no stream data, by their type on the wire (RFC 9000 §19.4, §19.5, §19.9-§19.14).</summary>
internal enum ControlFrameKind : byte
{
    ResetStream = 0x04,
    StopSending = 0x05,
    MaxData = 0x10,
    MaxStreamData = 0x11,
    MaxStreamsBidirectional = 0x12,
    MaxStreamsUnidirectional = 0x13,
    DataBlocked = 0x14,
    StreamDataBlocked = 0x15,
    StreamsBlockedBidirectional = 0x16,
    StreamsBlockedUnidirectional = 0x17,
}
