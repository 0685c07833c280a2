namespace Coco.Lab.Simulated;

/// <summary>What a simulated TCP segment is for.</summary>
internal enum TcpSegmentKind : byte
{
    Syn,
    SynAck,
    Data,
    Ack,
    Reset,
}
