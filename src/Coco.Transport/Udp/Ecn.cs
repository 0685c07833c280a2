namespace Coco.Transport.Udp;

/// <summary>The ECN field of an IP header (RFC 3168 §5).</summary>
internal enum Ecn : byte
{
    NotEct = 0,
    Ect1 = 1,
    Ect0 = 2,
    Ce = 3,
}
