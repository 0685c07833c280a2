using Coco.Quic.Frames;

namespace Coco.Quic.Streams;

/// <summary>A control frame as a sent packet remembers it. <see cref="Id"/> is -1 for frames about the connection.</summary>
internal readonly record struct ControlFrameSent(FrameType Kind, long Id, ulong Value);
