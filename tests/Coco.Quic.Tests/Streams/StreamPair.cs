using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Streams;

/// <summary>A client's and a server's streams that know each other's limits.</summary>
internal sealed class StreamPair
{
    public StreamPair(StreamOptions? client = null, StreamOptions? server = null)
    {
        client ??= new();
        server ??= client;
        Client = new(isClient: true, client, ClientPool);
        Server = new(isClient: false, server, ServerPool);
        Introduce(Client, server);
        Introduce(Server, client);
    }

    public StreamPool ClientPool { get; } = new();

    public StreamPool ServerPool { get; } = new();

    public StreamSet Client { get; }

    public StreamSet Server { get; }

    public static void Introduce(StreamSet set, StreamOptions peer) => set.SetPeerLimits(
        (ulong)peer.InitialConnectionWindow,
        (ulong)peer.InitialStreamWindow,
        (ulong)peer.InitialStreamWindow,
        (ulong)peer.InitialStreamWindow,
        (ulong)peer.MaxBidirectionalStreams,
        (ulong)peer.MaxUnidirectionalStreams);

    /// <summary>Carries packets both ways, without loss and acknowledged at once, until nobody has any.</summary>
    public void Exchange()
    {
        while (Carry(Client, Server) | Carry(Server, Client)) { }
    }

    public static bool Carry(StreamSet from, StreamSet to)
    {
        if (SentPacket.TryTake(from, 1200) is not { } packet) { return false; }
        Assert.Equal(QuicErrorCode.NoError, StreamFrames.Deliver(packet.Bytes, to));
        packet.Ack(from);
        return true;
    }

    public static List<StreamEvent> TakeEvents(StreamSet set)
    {
        List<StreamEvent> events = [];
        while (set.TryTakeEvent(out var next)) { events.Add(next); }
        return events;
    }
}
