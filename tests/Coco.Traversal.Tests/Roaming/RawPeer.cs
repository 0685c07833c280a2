using Coco.Crypto;
using Coco.Quic.Congestion;
using Coco.Quic.Connections;
using Coco.Quic.Paths;
using Coco.Quic.Streams;
using Coco.Traversal.Links;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

/// <summary>A host that speaks QUIC and the framing of control streams, and nothing else unless told: to misbehave with.</summary>
internal class RawPeer : IFlatHost
{
    private readonly Dictionary<NetworkAddress, int> _numbers = [];
    private readonly List<NetworkAddress> _remotes = [];
    private readonly byte[] _buffer = new byte[65_536];

    public RawPeer(FlatNetwork network, IdentityKey identity, string address, string protocol, ulong seed)
    {
        (Network, Identity, Addresses, Protocol) = (network, identity, [FlatNetwork.Parse(address)], protocol);
        Quic = new(
            new() { Identities = [identity], ApplicationProtocols = [protocol], ReportsReady = true, Connection = new() { KeepAlive = TimeSpan.FromSeconds(5) } },
            new SeededRandomSource(seed));
        network.Add(this);
    }

    public FlatNetwork Network { get; }

    public IdentityKey Identity { get; }

    public IReadOnlyList<NetworkAddress> Addresses { get; }

    public QuicEndpoint Quic { get; }

    public Dictionary<QuicConnection, ControlStream> Controls { get; } = [];

    public TimeSpan Deadline => Quic.Deadline ?? TimeSpan.MaxValue;

    private string Protocol { get; }

    public QuicConnection Connect(NodeId target, string address) =>
        Quic.Connect(PathTo(FlatNetwork.Parse(address)), new(target, Identity) { ApplicationProtocols = [Protocol] }, Network.Now);

    public NetworkAddress RemoteOf(QuicConnection connection) => _remotes[connection.ActivePath.Value];

    public void HandleDatagrams(in Link link, byte[] data, int segmentSize)
    {
        for (var at = 0; at < data.Length; at += segmentSize)
        {
            var datagram = data.AsSpan(at, Math.Min(segmentSize, data.Length - at));
            if (FirstByte.IsQuic(datagram[0])) { Quic.HandleDatagram(PathTo(link.Remote), datagram, EcnCodepoint.NotEct, Network.Now); }
            else { HandleOther(link.Remote, datagram); }
        }
        Settle();
    }

    public void HandleTimeout()
    {
        Quic.HandleTimeout(Network.Now);
        Settle();
    }

    public void Drain()
    {
        while (Quic.TryTakeTransmit(_buffer, Network.Now, out var transmit)) { Send(_remotes[transmit.Path.Value], _buffer.AsSpan(0, transmit.Length), transmit.SegmentSize); }
    }

    protected virtual void HandleOther(NetworkAddress from, Span<byte> datagram)
    {
    }

    protected virtual void HandleMessage(QuicConnection from, ulong type, ReadOnlySpan<byte> body)
    {
    }

    protected void Send(NetworkAddress to, ReadOnlySpan<byte> data, int segmentSize) =>
        Network.Send(Addresses[0], new(new(LinkKind.Udp, 0, to), data.Length, segmentSize), data);

    private PathInfo PathTo(NetworkAddress remote)
    {
        if (!_numbers.TryGetValue(remote, out var number))
        {
            _numbers.Add(remote, number = _remotes.Count);
            _remotes.Add(remote);
        }
        return new(new(number));
    }

    private void Settle()
    {
        while (Quic.TryAccept(out var accepted)) { Controls.Add(accepted, new(accepted)); }
        while (Quic.TryTakeReady(out var quic))
        {
            while (quic.TryTakeEvent(out var happened))
            {
                if (happened.Kind is ConnectionEventKind.Closed) { Controls.Remove(quic); }
            }
            if (!Controls.TryGetValue(quic, out var control)) { continue; }
            while (quic.TryTakeStreamEvent(out var streamEvent))
            {
                if (streamEvent.Id == ControlStream.Id && streamEvent.Kind is StreamEventKind.Opened) { control.HandleOpened(); }
                else if (streamEvent.Id == ControlStream.Id && streamEvent.Kind is StreamEventKind.Writable) { control.Flush(); }
            }
            while (control.TryTake(out var type, out var body)) { HandleMessage(quic, type, body); }
        }
    }
}
