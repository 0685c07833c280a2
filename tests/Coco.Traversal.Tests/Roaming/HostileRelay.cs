using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Traversal.Links;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;
using Coco.Traversal.Roaming;

namespace Coco.Traversal.Tests.Roaming;

/// <summary>A relay that speaks its protocol and then does as a test wants, to messages and to what it carries.</summary>
internal sealed class HostileRelay(FlatNetwork network, IdentityKey identity, string address, ulong seed)
    : RawPeer(network, identity, address, RoamingOptions.RelayProtocol, seed)
{
    private readonly Dictionary<ulong, (QuicConnection To, ulong Session)> _legs = [];
    private readonly Dictionary<NodeId, QuicConnection> _registered = [];
    private ulong _lastSession = 1000;

    /// <summary>Whether it registers clients.</summary>
    public bool Registers { get; set; } = true;

    /// <summary>Times it was asked to register somebody.</summary>
    public int Registrations { get; private set; }

    /// <summary>Requests for sessions.</summary>
    public int Opens { get; private set; }

    /// <summary>Whether it answers them.</summary>
    public bool AnswersOpens { get; set; } = true;

    /// <summary>What it says of where a node is.</summary>
    public Func<NodeId, AddressRecord?> Knows { get; set; } = static _ => null;

    /// <summary>Questions for records that it has no room for, before it answers the next.</summary>
    public int Busy { get; set; }

    /// <summary>What becomes of a relayed datagram, header included: those that are sent in its place, to where its session leads.</summary>
    public Func<byte[], IEnumerable<byte[]>> Mangle { get; set; } = static datagram => [datagram];

    /// <summary>All it has carried.</summary>
    public List<byte[]> Seen { get; } = [];

    public IReadOnlyCollection<ulong> Sessions => _legs.Keys;

    public void Tell(NodeId client, RelayMessage message)
    {
        if (_registered.TryGetValue(client, out var quic)) { Tell(quic, message); }
    }

    protected override void HandleMessage(QuicConnection from, ulong type, ReadOnlySpan<byte> body)
    {
        if (!RelayMessageCodec.TryRead(type, body, out var message)) { return; }
        if (message is RelayMessage.Register)
        {
            Registrations++;
            _registered[from.PeerId] = from;
            Tell(from, Registers ? new RelayMessage.Registered(RemoteOf(from), new(1000, 0, 0, 0), TimeSpan.FromSeconds(25), null) : new RelayMessage.Refused(0, RelayRefusal.Busy));
        }
        else if (message is RelayMessage.Resolve refused && Busy > 0)
        {
            Busy--;
            Tell(from, new RelayMessage.Refused(refused.Request, RelayRefusal.Quota));
        }
        else if (message is RelayMessage.Resolve resolve) { Tell(from, new RelayMessage.Found(resolve.Request, Knows(resolve.Target))); }
        else if (message is RelayMessage.Open open)
        {
            Opens++;
            if (!AnswersOpens) { return; }
            if (!_registered.TryGetValue(open.Target, out var target)) { Tell(from, new RelayMessage.Refused(open.Request, RelayRefusal.NotRegistered)); return; }
            var (near, far) = (++_lastSession, ++_lastSession);
            (_legs[near], _legs[far]) = ((target, far), (from, near));
            Tell(from, new RelayMessage.Opened(open.Request, near));
            Tell(target, new RelayMessage.Incoming(far, from.PeerId));
        }
    }

    protected override void HandleOther(NetworkAddress from, Span<byte> datagram)
    {
        if (datagram.Length < FirstByte.RelayedHeaderLength) { return; }
        Seen.Add(datagram.ToArray());
        foreach (var mangled in Mangle(datagram.ToArray()))
        {
            if (!_legs.TryGetValue(BinaryPrimitives.ReadUInt64BigEndian(mangled.AsSpan(1)), out var leg)) { continue; }
            BinaryPrimitives.WriteUInt64BigEndian(mangled.AsSpan(1), leg.Session);
            Send(RemoteOf(leg.To), mangled, mangled.Length);
        }
    }

    private void Tell(QuicConnection client, RelayMessage message)
    {
        if (Controls.TryGetValue(client, out var control)) { control.Send((ulong)message.Type, RelayMessageCodec.Write(message)); }
    }
}
