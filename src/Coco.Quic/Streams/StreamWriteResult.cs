namespace Coco.Quic.Streams;

/// <summary>How a write ended; <see cref="Code"/> is what the peer stopped it with.</summary>
public readonly record struct StreamWriteResult(StreamWriteStatus Status, ulong Code = 0);
