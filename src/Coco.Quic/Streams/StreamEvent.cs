namespace Coco.Quic.Streams;

/// <summary>Something that happened to a stream; <see cref="Code"/> is the application's for Reset and Stopped, else 0.</summary>
public readonly record struct StreamEvent(StreamEventKind Kind, long Id, ulong Code);
