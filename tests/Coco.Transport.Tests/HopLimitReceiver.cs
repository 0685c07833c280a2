using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Coco.Transport.Udp;
using Coco.Traversal;

namespace Coco.Transport.Tests;

/// <summary>A socket that tells the hop limit of what arrives (IP_RECVTTL, IPV6_RECVHOPLIMIT), which .NET does not.</summary>
internal sealed unsafe class HopLimitReceiver : IDisposable
{
    private const int IpRecvTtl = 12, Ipv6RecvHopLimit = 51;

    private readonly Socket _socket;

    public HopLimitReceiver(IPAddress address)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the numbers of the options are Linux's");
        _socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(address, 0));
        var one = 1;
        var isIpv4 = address.AddressFamily is AddressFamily.InterNetwork;
        _socket.SetRawSocketOption(
            isIpv4 ? Libc.SolIp : Libc.SolIpv6, isIpv4 ? IpRecvTtl : Ipv6RecvHopLimit, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref one)));
    }

    public NetworkAddress Address => ((IPEndPoint)_socket.LocalEndPoint!).ToNetworkAddress();

    public int Receive()
    {
        Assert.True(_socket.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead), "nothing arrived");
        var data = stackalloc byte[64];
        var control = stackalloc byte[ControlMessages.BufferSize];
        var vector = new Libc.IoVector { Base = data, Length = 64 };
        var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlMessages.BufferSize };
        Assert.True(Libc.ReceiveMessage((int)_socket.Handle, &message, Libc.MsgDontWait) >= 0);
        Assert.True(message.ControlLength > 0);
        return *(int*)(control + sizeof(Libc.ControlHeader));
    }

    public void Dispose() => _socket.Dispose();
}
