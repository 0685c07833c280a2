using Coco.Traversal;

namespace Coco.Transport.Udp;

/// <summary>
/// What one receive returned: one datagram, or several from one sender that the kernel joined. All are
/// <see cref="SegmentSize"/> bytes long but the last, which may be shorter.
/// </summary>
internal struct UdpReceived
{
    public NetworkAddress Remote;
    public int Length;
    public int SegmentSize;
    public Ecn Ecn;
}
