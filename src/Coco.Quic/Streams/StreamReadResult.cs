namespace Coco.Quic.Streams;

/// <summary>How a read ended; <see cref="Code"/> is what the peer reset the stream with.</summary>
public readonly record struct StreamReadResult(StreamReadStatus Status, ulong Code = 0);
