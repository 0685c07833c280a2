namespace Coco.Quic.Frames;

/// <summary>Packet numbers from smallest to largest, both included.</summary>
internal readonly record struct PacketNumberRange(ulong Smallest, ulong Largest);
