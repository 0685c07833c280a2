namespace Coco.Transport.Udp;

/// <summary>
/// Writes and reads the control messages beside a datagram (RFC 3542 §20; cmsg(3)). Each is a header, its data, and padding to
/// the size of a pointer:
/// <code>
/// length(8) level(4) type(4) data(length - 16) padding
/// </code>
/// </summary>
internal static unsafe class ControlMessages
{
    /// <summary>Room for every message we ask for, twice over.</summary>
    public const int BufferSize = 128;

    private static nuint HeaderSize => (nuint)sizeof(Libc.ControlHeader);

    /// <summary>Writes the segment size, the ECN mark and the hop limit, where they are not zero; answers the bytes written.</summary>
    public static nuint Write(byte* control, int segmentSize, Ecn ecn, byte hopLimit, bool ipv6)
    {
        nuint used = 0;
        if (segmentSize > 0)
        {
            *(ushort*)(control + HeaderSize) = (ushort)segmentSize;
            used += Close(control, Libc.SolUdp, Libc.UdpSegment, sizeof(ushort));
        }

        if (ecn is not Ecn.NotEct)
        {
            *(int*)(control + used + HeaderSize) = (int)ecn;
            used += ipv6
                ? Close(control + used, Libc.SolIpv6, Libc.Ipv6Tclass, sizeof(int))
                : Close(control + used, Libc.SolIp, Libc.IpTos, sizeof(int));
        }

        if (hopLimit > 0)
        {
            *(int*)(control + used + HeaderSize) = hopLimit;
            used += ipv6
                ? Close(control + used, Libc.SolIpv6, Libc.Ipv6HopLimit, sizeof(int))
                : Close(control + used, Libc.SolIp, Libc.IpTtl, sizeof(int));
        }

        return used;
    }

    /// <summary>Reads what the kernel wrote: the size of joined segments (else left alone) and the ECN mark.</summary>
    public static void Read(byte* control, nuint length, ref UdpReceived received)
    {
        nuint at = 0;
        while (at + HeaderSize <= length)
        {
            var header = (Libc.ControlHeader*)(control + at);
            if (header->Length < HeaderSize || header->Length > length - at) { return; }

            var data = control + at + HeaderSize;
            switch (header->Level, header->Type)
            {
                case (Libc.SolUdp, Libc.UdpGro): received.SegmentSize = *(int*)data; break;
                case (Libc.SolIp, Libc.IpTos): received.Ecn = (Ecn)(*data & 3); break; // one byte, unlike when sent
                case (Libc.SolIpv6, Libc.Ipv6Tclass): received.Ecn = (Ecn)(*(int*)data & 3); break;
                default: break;
            }

            at += Align(header->Length);
        }
    }

    private static nuint Close(byte* at, int level, int type, int dataSize)
    {
        *(Libc.ControlHeader*)at = new() { Length = HeaderSize + (nuint)dataSize, Level = level, Type = type };
        return HeaderSize + Align((nuint)dataSize);
    }

    private static nuint Align(nuint size) => (size + (nuint)sizeof(nuint) - 1) & ~((nuint)sizeof(nuint) - 1);
}
