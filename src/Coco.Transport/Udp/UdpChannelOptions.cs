namespace Coco.Transport.Udp;

/// <summary>How a <see cref="UdpChannel"/> is opened.</summary>
internal sealed record UdpChannelOptions
{
    /// <summary>How packets reach the kernel. Default <see cref="UdpOffload.Auto"/>.</summary>
    public UdpOffload Offload { get; init; } = UdpOffload.Auto;

    /// <summary>
    /// Bytes asked for each of the socket's two buffers, default 8 MiB: some 50 ms at 1 Gb/s. The kernel gives less to a process
    /// without CAP_NET_ADMIN (net.core.rmem_max), which costs packets in bursts and nothing else.
    /// </summary>
    public int SocketBufferSize { get; init; } = 8 * 1024 * 1024;
}
