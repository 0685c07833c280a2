namespace Coco.Quic.Streams;

/// <summary>The states of the sending part of a stream (RFC 9000 §3.1).</summary>
internal enum SendState : byte
{
    Ready,
    Send,
    DataSent,
    DataRecvd,
    ResetSent,
    ResetRecvd,
}
