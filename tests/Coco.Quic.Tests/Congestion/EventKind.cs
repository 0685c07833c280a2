namespace Coco.Quic.Tests.Congestion;

internal enum EventKind
{
    Start,
    Wake,
    Arrival,
    MarkedArrival,
    AckTimer,
    Ack,
    MarkedAck,
}
