namespace Coco.Quic.Recovery;

[Flags]
internal enum SentPacketFlags : byte
{
    None = 0,

    /// <summary>The slot holds a packet whose fate is not known yet.</summary>
    Outstanding = 1,

    /// <summary>Contains a frame that asks for an acknowledgement (RFC 9002 §2).</summary>
    AckEliciting = 2,

    /// <summary>Counts toward bytes in flight (RFC 9002 §2).</summary>
    InFlight = 4,

    /// <summary>A DPLPMTUD probe: its loss says nothing about congestion (RFC 9000 §14.4).</summary>
    MtuProbe = 8,

    /// <summary>Sent with an ECT codepoint (RFC 9000 §13.4).</summary>
    EcnMarked = 16,

    /// <summary>The sender had no more to send: the sample says nothing about what the path can carry.</summary>
    AppLimited = 32,
}
