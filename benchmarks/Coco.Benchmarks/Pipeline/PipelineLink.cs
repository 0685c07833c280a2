using System.Net;
using System.Net.Sockets;
using Coco.Transport.Udp;
using Coco.Traversal;

namespace Coco.Benchmarks.Pipeline;

/// <summary>How the bare pipeline's packets reach the kernel: in batches, or one by one through .NET's sockets.</summary>
internal abstract class PipelineLink : IDisposable
{
    public static PipelineLink Bind(string kind, IPEndPoint local) => kind switch
    {
        "gso" => new BatchLink(local),
        "socket" => new SocketLink(local),
        _ => throw new ArgumentException($"{kind} is neither gso nor socket"),
    };

    /// <summary>Packets a call to <see cref="Send"/> takes.</summary>
    public abstract int BatchPackets { get; }

    /// <summary>Whom <see cref="Send"/> sends to: the given end, later whoever sent last.</summary>
    public abstract void SetRemote(IPEndPoint remote);

    public abstract void Send(ReadOnlySpan<byte> packets, int packetSize);

    /// <summary>Waits up to 200 ms; answers the bytes received, zero for none, and the size of each packet in them.</summary>
    public abstract int Receive(Span<byte> buffer, out int packetSize);

    public abstract void Dispose();

    private sealed class BatchLink(IPEndPoint local) : PipelineLink
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
        private readonly UdpChannel _channel = UdpChannel.Bind(local);
        private NetworkAddress _remote;

        public override int BatchPackets => 45; // 45 x 1432 is the most below 64 KiB

        public override void SetRemote(IPEndPoint remote) => _remote = remote.ToNetworkAddress();

        public override void Send(ReadOnlySpan<byte> packets, int packetSize)
        {
            while (_channel.Send(_remote, packets, packetSize, Ecn.NotEct, out var sent) is SendResult.WouldBlock)
            {
                packets = packets[sent..];
                _channel.Wait(Patience, writable: true);
            }
        }

        public override int Receive(Span<byte> buffer, out int packetSize)
        {
            if (!_channel.TryReceive(buffer, out var received))
            {
                _channel.Wait(Patience, writable: false);
                _channel.TryReceive(buffer, out received);
            }

            if (received.Length > 0) { _remote = received.Remote; }
            packetSize = received.SegmentSize;
            return received.Length;
        }

        public override void Dispose() => _channel.Dispose();
    }

    private sealed class SocketLink : PipelineLink
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 200 };
        private readonly SocketAddress _remote = new(AddressFamily.InterNetwork);

        public SocketLink(IPEndPoint local)
        {
            SocketBuffers.Enlarge(_socket, 8 * 1024 * 1024);
            _socket.Bind(local);
        }

        public override int BatchPackets => 1;

        public override void SetRemote(IPEndPoint remote) => remote.Serialize().Buffer.CopyTo(_remote.Buffer);

        public override void Send(ReadOnlySpan<byte> packets, int packetSize) => _socket.SendTo(packets, SocketFlags.None, _remote);

        public override int Receive(Span<byte> buffer, out int packetSize)
        {
            try
            {
                packetSize = _socket.ReceiveFrom(buffer, SocketFlags.None, _remote);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                packetSize = 0;
            }

            return packetSize;
        }

        public override void Dispose() => _socket.Dispose();
    }
}
