namespace Coco.Quic.Streams;

/// <summary>A STREAM or CRYPTO frame as a sent packet remembers it. <see cref="Id"/> is -1 for CRYPTO.</summary>
internal readonly record struct StreamFrameSent(long Id, ulong Offset, int Length, bool Fin);
