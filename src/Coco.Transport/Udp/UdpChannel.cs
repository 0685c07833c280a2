using System.Net;
using System.Net.Sockets;
using Coco.Traversal;

namespace Coco.Transport.Udp;

/// <summary>
/// One UDP socket for one loop: never blocks but in <see cref="Wait"/>, allocates nothing per packet, and moves many packets a
/// call where the kernel can. Packets are never fragmented, so that path MTU discovery measures what it means to.
/// Only <see cref="Wake"/> may be called by other threads.
/// </summary>
/// <remarks>
/// One packet sent by itself costs 5 to 10 µs of CPU, most of it in the kernel's stack below the system call. Segmentation
/// offload (UDP_SEGMENT) and its counterpart (UDP_GRO) cross that stack once for about 45 packets: measured 13 times faster.
/// </remarks>
internal abstract class UdpChannel : IDisposable
{
    /// <summary>Room that takes whatever one receive can return.</summary>
    public const int ReceiveBufferSize = 64 * 1024;

    /// <summary>UDP payload of the largest IPv4 packet: the most that one call to the kernel takes.</summary>
    public const int MaxBatchBytes = 65_507;

    /// <summary>UDP_MAX_SEGMENTS before Linux 6.9; later kernels take 128.</summary>
    public const int MaxBatchSegments = 64;

    protected UdpChannel(Socket socket)
    {
        Socket = socket;
        IsIpv6 = socket.AddressFamily is AddressFamily.InterNetworkV6;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        IsIpv4 = !IsIpv6 || (LocalEndPoint.Address.Equals(IPAddress.IPv6Any) && socket.DualMode);
    }

    /// <summary>Where the socket is bound, with the port the system chose.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Whether IPv4 addresses can be reached; a dual-stack socket does both.</summary>
    public bool IsIpv4 { get; }

    /// <summary>Whether IPv6 addresses can be reached.</summary>
    public bool IsIpv6 { get; }

    /// <summary>What the owner knows the channel by.</summary>
    public int Number { get; set; }

    internal Socket Socket { get; }

    /// <summary>Whether several packets cross the kernel in one call. Turns false when the kernel or the route refuses.</summary>
    public abstract bool Segments { get; }

    /// <summary>Whether ECN marks are sent and seen.</summary>
    public abstract bool CarriesEcn { get; }

    /// <summary>Opens a socket. An IPv6 address of all zeros takes IPv4 as well.</summary>
    public static UdpChannel Bind(IPEndPoint local, UdpChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(local);
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (local.AddressFamily is AddressFamily.InterNetworkV6) { socket.DualMode = local.Address.Equals(IPAddress.IPv6Any); }

            socket.Bind(local);
            return Open(socket, options);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a bound socket, for example one that was made in another network namespace.</summary>
    public static UdpChannel Open(Socket socket, UdpChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        options ??= new();
        return OperatingSystem.IsLinux() && options.Offload is not UdpOffload.Portable
            ? new LinuxUdpChannel(socket, options)
            : new PortableUdpChannel(socket, options);
    }

    /// <summary>Takes what is waiting. False: nothing is.</summary>
    /// <param name="buffer">At least <see cref="ReceiveBufferSize"/> bytes, or datagrams may arrive cut.</param>
    /// <param name="received">Who sent what.</param>
    public abstract bool TryReceive(Span<byte> buffer, out UdpReceived received);

    /// <summary>Sends <paramref name="data"/> as packets of <paramref name="segmentSize"/> bytes each, the last as long as remains.</summary>
    /// <param name="remote">Where to.</param>
    /// <param name="data">Packets back to back.</param>
    /// <param name="segmentSize">Bytes of a packet, positive.</param>
    /// <param name="ecn">The mark all of them carry.</param>
    /// <param name="hopLimit">Routers they may pass; 0 for the system's default.</param>
    /// <param name="sent">Bytes handed to the kernel, whole packets; all of them when the answer is <see cref="SendResult.Ok"/>.</param>
    public abstract SendResult Send(in NetworkAddress remote, ReadOnlySpan<byte> data, int segmentSize, Ecn ecn, byte hopLimit, out int sent);

    /// <summary>Sends with the system's hop limit.</summary>
    public SendResult Send(in NetworkAddress remote, ReadOnlySpan<byte> data, int segmentSize, Ecn ecn, out int sent) =>
        Send(remote, data, segmentSize, ecn, hopLimit: 0, out sent);

    /// <summary>
    /// Waits until a datagram is there, or the socket takes more (when <paramref name="writable"/>), or <see cref="Wake"/> was
    /// called, or the time is over. True unless the time is over.
    /// </summary>
    public abstract bool Wait(TimeSpan timeout, bool writable);

    /// <summary>Ends the running or the next <see cref="Wait"/>. From any thread, at any time, disposed or not.</summary>
    public abstract void Wake();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
