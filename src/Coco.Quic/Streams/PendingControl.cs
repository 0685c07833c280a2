namespace Coco.Quic.Streams;

/// <summary>Control frames waiting to be written: the first four about a stream, the others about the connection.</summary>
[Flags]
internal enum PendingControl : ushort
{
    None = 0,
    ResetStream = 1 << 0,
    StopSending = 1 << 1,
    MaxStreamData = 1 << 2,
    StreamDataBlocked = 1 << 3,
    MaxData = 1 << 4,
    DataBlocked = 1 << 5,
    MaxStreamsBidirectional = 1 << 6,
    MaxStreamsUnidirectional = 1 << 7,
    StreamsBlockedBidirectional = 1 << 8,
    StreamsBlockedUnidirectional = 1 << 9,
}
