using System.Net;
using System.Net.Sockets;
using Coco.Traversal;

namespace Coco.Transport.Udp;

/// <summary>UDP over .NET's own sockets: one packet a call, no ECN. For every system, and for comparison on Linux.</summary>
internal sealed class PortableUdpChannel : UdpChannel
{
    // Windows reports an ICMP "port unreachable" of any earlier peer as an error of the socket, unless told not to.
    private const int SioUdpConnReset = unchecked((int)0x9800000C);

    private readonly Lazy<Socket> _wake = new(WakeSocket.Create);
    private readonly int _defaultHopLimit;
    private readonly SocketAddress _from;
    private readonly SocketAddress _to;
    private readonly List<Socket> _readable = new(2);
    private readonly List<Socket> _writable = new(1);

    public PortableUdpChannel(Socket socket, UdpChannelOptions options)
        : base(socket)
    {
        _from = new(socket.AddressFamily);
        _to = new(socket.AddressFamily);
        SocketBuffers.Enlarge(socket, options.SocketBufferSize);
        socket.Blocking = false;
        _defaultHopLimit = socket.Ttl;
        ForbidFragments(socket);
        if (OperatingSystem.IsWindows()) { socket.IOControl(SioUdpConnReset, [0], null); }
    }

    public override bool Segments => false;

    public override bool CarriesEcn => false;

    public override bool TryReceive(Span<byte> buffer, out UdpReceived received)
    {
        received = default;
        try
        {
            // Asking first costs a call, but an empty socket would answer with an exception.
            if (!Socket.Poll(0, SelectMode.SelectRead)) { return false; }

            received.Length = Socket.ReceiveFrom(buffer, SocketFlags.None, _from);
            received.SegmentSize = received.Length;
            received.Remote = SocketAddressBytes.Read(_from.Buffer.Span, IsIpv6);
            return true;
        }
        catch (SocketException)
        {
            return false; // emptied by a bad checksum, or an earlier packet's ICMP error
        }
    }

    public override SendResult Send(in NetworkAddress remote, ReadOnlySpan<byte> data, int segmentSize, Ecn ecn, byte hopLimit, out int sent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segmentSize);
        sent = 0;
        if (!IsIpv6 && !remote.IsIpv4) { return SendResult.Error; }

        SocketAddressBytes.Write(remote, _to.Buffer.Span, IsIpv6);
        if (hopLimit > 0) { SetHopLimit(remote.IsIpv4, hopLimit); }
        try
        {
            while (sent < data.Length)
            {
                sent += Socket.SendTo(data.Slice(sent, Math.Min(segmentSize, data.Length - sent)), SocketFlags.None, _to);
            }

            return SendResult.Ok;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode switch
            {
                SocketError.WouldBlock => SendResult.WouldBlock,
                SocketError.MessageSize => SendResult.TooBig,
                _ => SendResult.Error,
            };
        }
        finally
        {
            if (hopLimit > 0) { SetHopLimit(remote.IsIpv4, _defaultHopLimit); }
        }
    }

    public override bool Wait(TimeSpan timeout, bool writable)
    {
        _readable.Clear();
        _readable.Add(Socket);
        _readable.Add(_wake.Value);
        _writable.Clear();
        if (writable) { _writable.Add(Socket); }

        Socket.Select(_readable, _writable, null, timeout < TimeSpan.Zero ? Timeout.InfiniteTimeSpan : timeout);
        if (_readable.Contains(_wake.Value)) { WakeSocket.Drain(_wake.Value); }

        return _readable.Count + _writable.Count > 0;
    }

    public override void Wake()
    {
        WakeSocket.Wake(_wake.Value);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) { return; }
        if (_wake.IsValueCreated) { _wake.Value.Dispose(); }
        Socket.Dispose();
    }

    // No control messages here: the option holds for the socket, so it is set around the call.
    private void SetHopLimit(bool ipv4, int hopLimit)
    {
        try
        {
            if (ipv4 && IsIpv6) { Socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.IpTimeToLive, hopLimit); }
            else { Socket.Ttl = (short)hopLimit; }
        }
        catch (SocketException)
        {
            // Some systems refuse it on a dual-stack socket; the packet then goes further than it had to.
        }
    }

    private static void ForbidFragments(Socket socket)
    {
        try
        {
            socket.DontFragment = true;
        }
        catch (Exception exception) when (exception is SocketException or NotSupportedException)
        {
            // IPv6 never fragments on the way; some systems have the option for IPv4 sockets only.
        }
    }
}
