namespace Coco.Quic.Congestion;

/// <summary>Which congestion controller a path runs.</summary>
public enum CongestionAlgorithm : byte
{
    /// <summary>RFC 9438, with HyStart++ (RFC 9406) to leave slow start.</summary>
    Cubic,

    /// <summary>RFC 9002 §7 and Appendix B.</summary>
    NewReno,

    /// <summary>BBR version 3 (draft-ietf-ccwg-bbr).</summary>
    Bbr,
}
