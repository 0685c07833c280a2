namespace Coco.Quic.Streams;

/// <summary>The states of the receiving part of a stream (RFC 9000 §3.2).</summary>
internal enum ReceiveState : byte
{
    Recv,
    SizeKnown,
    DataRecvd,
    DataRead,
    ResetRecvd,
    ResetRead,
}
