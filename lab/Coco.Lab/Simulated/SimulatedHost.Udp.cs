using Coco.Quic.Congestion;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Lab.Simulated;

/// <summary>UDP sockets.</summary>
internal sealed partial class SimulatedHost
{
    // Linux's default range of ports it chooses itself.
    private const int FirstEphemeralPort = 32_768;
    private const int LastEphemeralPort = 60_999;

    private readonly Dictionary<(bool IsIpv4, int Port), LocalSocket> _udpByPort = [];
    private readonly Dictionary<int, LocalSocket> _udp = [];
    private readonly Dictionary<NetworkAddress, int> _pathMtu = [];
    private int _nextNumber;

    /// <summary>A datagram for one of the sockets.</summary>
    public Action<Link, byte[], EcnCodepoint>? Received { get; set; }

    /// <summary>Datagrams refused because they are larger than the path is known to take: EMSGSIZE.</summary>
    public long RefusedAsTooBig { get; private set; }

    /// <summary>Sockets that may still be opened, as a system limits them.</summary>
    public int MaxSockets { get; set; } = 4096;

    /// <summary>Opens a socket. Throws when the port is taken.</summary>
    /// <param name="port">0 for one that the system chooses.</param>
    /// <param name="isIpv4">For which family.</param>
    public LocalSocket OpenUdp(int port = 0, bool isIpv4 = true) =>
        TryOpenUdp(port, isIpv4, out var socket) ? socket : throw new InvalidOperationException($"{Name} cannot open UDP port {port}");

    public bool TryOpenUdp(int port, bool isIpv4, out LocalSocket socket)
    {
        socket = default;
        if (_udp.Count >= MaxSockets) { return false; }
        while (port == 0)
        {
            var drawn = Internet.Random.Next(FirstEphemeralPort, LastEphemeralPort + 1);
            if (!_udpByPort.ContainsKey((isIpv4, drawn))) { port = drawn; }
        }
        socket = new(++_nextNumber, isIpv4, !isIpv4, port);
        if (!_udpByPort.TryAdd((isIpv4, port), socket)) { return false; }
        _udp.Add(socket.Number, socket);
        return true;
    }

    public void CloseUdp(int number)
    {
        if (_udp.Remove(number, out var socket)) { _udpByPort.Remove((socket.IsIpv4, socket.Port)); }
    }

    /// <summary>Sends datagrams over a UDP, TCP or WebSocket link. False when the system refuses: no socket, no route, too big.</summary>
    public bool Send(in LinkTransmit transmit, ReadOnlySpan<byte> data)
    {
        data = data[..transmit.Length];
        var isSent = true;
        do
        {
            var datagram = data[..Math.Min(transmit.SegmentSize, data.Length)].ToArray();
            isSent &= transmit.Link.Kind is LinkKind.Udp ? SendUdp(transmit, datagram) : SendOnStream(transmit.Link, datagram);
            data = data[datagram.Length..];
        }
        while (!data.IsEmpty);
        return isSent;
    }

    /// <summary>Sends one datagram.</summary>
    public bool Send(int socket, in NetworkAddress remote, ReadOnlySpan<byte> datagram, byte hopLimit = 0) =>
        Send(new LinkTransmit(new(LinkKind.Udp, socket, remote), datagram.Length, Math.Max(1, datagram.Length), HopLimit: hopLimit), datagram);

    /// <summary>Packet too big (RFC 1191, RFC 8201): the system remembers, and refuses what is larger.</summary>
    public void HandleTooBig(NetworkAddress destination, int mtu) => _pathMtu[destination.WithPort(0)] = mtu;

    private bool SendUdp(in LinkTransmit transmit, byte[] datagram)
    {
        var remote = transmit.Link.Remote;
        if (!_udp.TryGetValue(transmit.Link.Number, out var socket) || socket.IsIpv4 != remote.IsIpv4) { return false; }
        if (datagram.Length + (remote.IsIpv4 ? 28 : 48) > MtuTowards(remote))
        {
            RefusedAsTooBig++;
            return false;
        }
        return TrySendPacket(PacketProtocol.Udp, socket.Port, remote, datagram, transmit.Ecn, transmit.HopLimit);
    }

    private int MtuTowards(in NetworkAddress remote)
    {
        var mtu = TryRoute(remote, out var through, out _) ? through.Mtu : int.MaxValue;
        return Math.Min(mtu, _pathMtu.GetValueOrDefault(remote.WithPort(0), int.MaxValue));
    }

    private void HandleUdp(SimulatedPacket packet)
    {
        if (!_udpByPort.TryGetValue((packet.Destination.IsIpv4, packet.Destination.Port), out var socket))
        {
            Internet.Trace.Record(Internet.Now, TraceVerb.NoSocket, packet);
            return;
        }
        Internet.Trace.Record(Internet.Now, TraceVerb.Delivered, packet);
        Received?.Invoke(new(LinkKind.Udp, socket.Number, packet.Source), packet.Payload, packet.Ecn);
    }
}
