namespace Coco.Quic.Congestion;

/// <summary>What the ACKs now arriving tell about: "ack_phase" of draft-ietf-ccwg-bbr §2.9.</summary>
internal enum BbrAckPhase : byte
{
    Init,
    Refilling,
    ProbeStarting,
    ProbeFeedback,
    ProbeStopping,
}
