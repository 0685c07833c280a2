namespace Coco.Quic.Congestion;

/// <summary>The states of draft-ietf-ccwg-bbr §3.</summary>
internal enum BbrState : byte
{
    Startup,
    Drain,
    ProbeDown,
    ProbeCruise,
    ProbeRefill,
    ProbeUp,
    ProbeRtt,
}
