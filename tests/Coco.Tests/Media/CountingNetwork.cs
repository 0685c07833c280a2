using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Coco.Transport.Network;
using Coco.Transport.Udp;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Tests.Media;

/// <summary>Sockets of this machine, which count what goes through them.</summary>
internal sealed class CountingNetwork : HostNetwork
{
    private readonly SystemNetwork _system = new();
    private int _sockets;
    private readonly ConcurrentDictionary<NetworkAddress, long> _sent = [];
    private long _received;

    /// <summary>UDP sockets that were opened.</summary>
    public int Sockets => Volatile.Read(ref _sockets);

    /// <summary>Bytes of datagrams handed to them, by where they went.</summary>
    public IReadOnlyDictionary<NetworkAddress, long> BytesSent => new Dictionary<NetworkAddress, long>(_sent);

    /// <summary>Bytes of datagrams taken from them.</summary>
    public long BytesReceived => Interlocked.Read(ref _received);

    public override UdpChannel CreateUdp(IPEndPoint local, UdpChannelOptions options)
    {
        Interlocked.Increment(ref _sockets);
        return new CountingChannel(this, _system.CreateUdp(local, options));
    }

    public override Socket CreateTcpSocket(AddressFamily family) => _system.CreateTcpSocket(family);

    public override IReadOnlyList<InterfaceAddress> GetInterfaces() => _system.GetInterfaces();

    protected override void Dispose(bool disposing) => _system.Dispose();

    private sealed class CountingChannel(CountingNetwork network, UdpChannel inner) : UdpChannel(inner.Socket)
    {
        public override bool Segments => inner.Segments;

        public override bool CarriesEcn => inner.CarriesEcn;

        public override bool TryReceive(Span<byte> buffer, out UdpReceived received)
        {
            var isReceived = inner.TryReceive(buffer, out received);
            if (isReceived) { Interlocked.Add(ref network._received, received.Length); }
            return isReceived;
        }

        public override SendResult Send(in NetworkAddress remote, ReadOnlySpan<byte> data, int segmentSize, Ecn ecn, byte hopLimit, out int sent)
        {
            var result = inner.Send(remote, data, segmentSize, ecn, hopLimit, out sent);
            network._sent.AddOrUpdate(remote, static (_, bytes) => bytes, static (_, sum, bytes) => sum + bytes, (long)sent);
            return result;
        }

        public override bool Wait(TimeSpan timeout, bool writable) => inner.Wait(timeout, writable);

        public override void Wake() => inner.Wake();

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}
