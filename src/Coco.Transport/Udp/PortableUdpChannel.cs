using System.Net;
using System.Net.Sockets;

namespace Coco.Transport.Udp;

/// <summary>UDP over .NET's own sockets: one packet a call, no ECN. For every system, and for comparison on Linux.</summary>
internal sealed class PortableUdpChannel : UdpChannel
{
    // Windows reports an ICMP "port unreachable" of any earlier peer as an error of the socket, unless told not to.
    private const int SioUdpConnReset = unchecked((int)0x9800000C);

    private readonly Socket _socket;
    private readonly Socket _wake;
    private readonly SocketAddress _from;
    private readonly SocketAddress _to;
    private readonly bool _ipv6;
    private readonly List<Socket> _readable = new(2);
    private readonly List<Socket> _writable = new(1);

    public PortableUdpChannel(Socket socket, UdpChannelOptions options)
    {
        _socket = socket;
        _ipv6 = socket.AddressFamily is AddressFamily.InterNetworkV6;
        _from = new(socket.AddressFamily);
        _to = new(socket.AddressFamily);
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        SocketBuffers.Enlarge(socket, options.SocketBufferSize);
        socket.Blocking = false;
        ForbidFragments(socket);
        if (OperatingSystem.IsWindows()) { socket.IOControl(SioUdpConnReset, [0], null); }

        // A socket that sends to itself: the one thing every system's select can be woken by.
        _wake = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        _wake.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _wake.Connect(_wake.LocalEndPoint!);
    }

    public override IPEndPoint LocalEndPoint { get; }

    public override bool Segments => false;

    public override bool CarriesEcn => false;

    public override bool TryReceive(Span<byte> buffer, out UdpReceived received)
    {
        received = default;
        try
        {
            // Asking first costs a call, but an empty socket would answer with an exception.
            if (!_socket.Poll(0, SelectMode.SelectRead)) { return false; }

            received.Length = _socket.ReceiveFrom(buffer, SocketFlags.None, _from);
            received.SegmentSize = received.Length;
            received.Remote = UdpAddress.ReadSocketAddress(_from.Buffer.Span, _ipv6);
            return true;
        }
        catch (SocketException)
        {
            return false; // emptied by a bad checksum, or an earlier packet's ICMP error
        }
    }

    public override SendResult Send(in UdpAddress remote, ReadOnlySpan<byte> data, int segmentSize, Ecn ecn, out int sent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segmentSize);
        sent = 0;
        if (!remote.FitsFamily(_ipv6)) { return SendResult.Error; }

        remote.WriteSocketAddress(_to.Buffer.Span, _ipv6);
        try
        {
            while (sent < data.Length)
            {
                sent += _socket.SendTo(data.Slice(sent, Math.Min(segmentSize, data.Length - sent)), SocketFlags.None, _to);
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
    }

    public override bool Wait(TimeSpan timeout, bool writable)
    {
        _readable.Clear();
        _readable.Add(_socket);
        _readable.Add(_wake);
        _writable.Clear();
        if (writable) { _writable.Add(_socket); }

        Socket.Select(_readable, _writable, null, timeout < TimeSpan.Zero ? Timeout.InfiniteTimeSpan : timeout);
        if (_readable.Contains(_wake))
        {
            Span<byte> drop = stackalloc byte[1];
            while (_wake.Available > 0) { _wake.Receive(drop, SocketFlags.None, out _); }
        }

        return _readable.Count + _writable.Count > 0;
    }

    public override void Wake()
    {
        try
        {
            _wake.Send([1], SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) { return; }
        _wake.Dispose();
        _socket.Dispose();
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
