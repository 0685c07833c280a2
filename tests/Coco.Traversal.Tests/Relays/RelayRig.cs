using System.Buffers.Binary;
using Coco.Crypto;
using Coco.Traversal.Links;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

/// <summary>A relay and clients that say what a test tells them to.</summary>
internal sealed class RelayRig(RelayServerOptions? options = null)
{
    private readonly Dictionary<int, List<RelayMessage>> _inboxes = [];
    private readonly Dictionary<int, NodeId> _ids = [];
    private ulong _request;

    public RelayServer Server { get; } = new(options ?? new(), new SeededRandomSource(42));

    public TimeSpan Now { get; set; }

    public List<(int Client, RelayDisconnect Reason)> Disconnects { get; } = [];

    /// <summary>Client number n of a test has identity n and host n. Distinct identities are cheap stand-ins: nothing here checks signatures.</summary>
    public int Add(int n, string network = "", bool registers = true)
    {
        var client = options?.Terms is null && network.Length > 0
            ? Server.AddClient(PlainId(n), RelaySamples.Udp(n), Now, new RelayTerms { Network = network })
            : Server.AddClient(PlainId(n), RelaySamples.Udp(n), Now);
        if (client < 0) { return client; }
        _ids[client] = PlainId(n);
        if (registers) { Say(client, new RelayMessage.Register(RelayPreference.Home, null)); }
        return client;
    }

    public static NodeId PlainId(int n)
    {
        var bytes = new byte[NodeId.Size];
        BinaryPrimitives.WriteInt32BigEndian(bytes, n + 1);
        return NodeId.Read(bytes);
    }

    public void Say(int client, RelayMessage message)
    {
        Server.HandleMessage(client, (ulong)message.Type, RelayMessageCodec.Write(message), Now);
        Pump();
    }

    public void Pump()
    {
        while (Server.TryTakeMessage(out var client, out var type, out var body))
        {
            Assert.True(RelayMessageCodec.TryRead(type, body.Span, out var message));
            Inbox(client).Add(message!);
        }
        while (Server.TryTakeDisconnect(out var client, out var reason, out _)) { Disconnects.Add((client, reason)); }
    }

    /// <summary>What came for a client since last asked.</summary>
    public List<RelayMessage> Take(int client)
    {
        Pump();
        var messages = Inbox(client);
        _inboxes.Remove(client);
        return messages;
    }

    /// <summary>Opens a session and answers both numbers of it.</summary>
    public (ulong Caller, ulong Target) Open(int caller, int target)
    {
        Take(caller);
        Take(target);
        Say(caller, new RelayMessage.Open(++_request, _ids[target]));
        var opened = Assert.IsType<RelayMessage.Opened>(Assert.Single(Take(caller)));
        var incoming = Assert.IsType<RelayMessage.Incoming>(Assert.Single(Take(target)));
        Assert.Equal((_request, _ids[caller]), (opened.Request, incoming.Caller));
        return (opened.Session, incoming.Session);
    }

    /// <summary>Asks for a session and answers what came of it.</summary>
    public RelayMessage TryOpen(int caller, NodeId target)
    {
        Take(caller);
        Say(caller, new RelayMessage.Open(++_request, target));
        return Take(caller)[^1];
    }

    /// <summary>Hands the relay a batch and answers what it forwards.</summary>
    public List<(Link Link, byte[] Bytes, int SegmentSize)> Forward(in Link from, byte[] data, int segmentSize)
    {
        Server.HandleDatagrams(from, data, segmentSize, Now);
        var forwarded = new List<(Link, byte[], int)>();
        while (Server.TryTakeForward(out var transmit, out var offset))
        {
            forwarded.Add((transmit.Link, data.AsSpan(offset, transmit.Length).ToArray(), transmit.SegmentSize));
        }
        return forwarded;
    }

    public static byte[] Datagrams(int length, params ReadOnlySpan<ulong> sessions)
    {
        var data = new byte[length * sessions.Length];
        for (var i = 0; i < sessions.Length; i++)
        {
            var datagram = data.AsSpan(i * length, length);
            datagram.Fill((byte)(i + 1));
            RelayDatagram.WriteHeader(datagram, sessions[i]);
        }
        return data;
    }

    public static RelayMessage.Register Registration(AddressRecord? record = null) => new(RelayPreference.Home, record);

    private List<RelayMessage> Inbox(int client)
    {
        if (!_inboxes.TryGetValue(client, out var inbox)) { _inboxes.Add(client, inbox = []); }
        return inbox;
    }
}
