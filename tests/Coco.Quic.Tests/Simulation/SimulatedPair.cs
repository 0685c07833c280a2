using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Streams;

namespace Coco.Quic.Tests.Simulation;

/// <summary>A client and a server that know each other's identity, over a simulated network.</summary>
internal sealed class SimulatedPair : IDisposable
{
    private readonly IdentityKey _clientKey;
    private readonly IdentityKey _serverKey;
    private readonly Dictionary<QuicConnection, List<ConnectionEvent>> _events = [];

    public SimulatedPair(ulong seed = 1, LinkOptions? link = null, Func<EndpointOptions, EndpointOptions>? client = null, Func<EndpointOptions, EndpointOptions>? server = null)
    {
        var random = new SeededRandomSource(seed + 77);
        _clientKey = IdentityKey.Generate(random);
        _serverKey = IdentityKey.Generate(random);
        var clientOptions = new EndpointOptions { Identities = [_clientKey], AcceptConnections = false };
        var serverOptions = new EndpointOptions { Identities = [_serverKey] };
        Network = new(seed, client?.Invoke(clientOptions) ?? clientOptions, server?.Invoke(serverOptions) ?? serverOptions, link);
        Client = Network.Client.Connect(Network.Path(1), new(_serverKey.Id, _clientKey), Network.Now);
    }

    public SimulatedNetwork Network { get; }

    public QuicConnection Client { get; }

    public QuicConnection? Server { get; private set; }

    public NodeId ClientId => _clientKey.Id;

    public NodeId ServerId => _serverKey.Id;

    /// <summary>Runs until both sides have confirmed the handshake.</summary>
    public bool TryConnect(TimeSpan? limit = null) => Network.RunUntil(
        () => Accepted() && Client.State == ConnectionState.Connected && Seen(Client, ConnectionEventKind.Confirmed), limit);

    public SimulatedPair Connect()
    {
        Assert.True(TryConnect(), $"no handshake: {Client.State} {Client.CloseReason} {Server?.State}");
        return this;
    }

    public bool Seen(QuicConnection connection, ConnectionEventKind kind)
    {
        var seen = EventsOf(connection);
        return seen.Exists(happened => happened.Kind == kind);
    }

    public List<ConnectionEvent> EventsOf(QuicConnection connection)
    {
        if (!_events.TryGetValue(connection, out var seen)) { _events[connection] = seen = []; }
        while (connection.TryTakeEvent(out var happened)) { seen.Add(happened); }
        return seen;
    }

    /// <summary>Sends bytes on a new stream and returns what the other side read, at the end of the stream.</summary>
    public byte[] Transfer(QuicConnection from, QuicConnection to, int length, TimeSpan? limit = null)
    {
        var data = new byte[length];
        new SeededRandomSource((ulong)length).Fill(data);
        Assert.True(from.TryOpenStream(bidirectional: false, out var id));
        var received = new MemoryStream();
        var offset = 0;
        var done = false;
        var chunk = new byte[65536];
        var finished = Network.RunUntil(
            () =>
            {
                while (offset <= length)
                {
                    var result = from.Write(id, data.AsSpan(offset), fin: true, out var written);
                    offset += written;
                    if (result.Status == StreamWriteStatus.Ok) { offset = length + 1; }
                    if (result.Status != StreamWriteStatus.Ok) { break; }
                }
                while (to.TryTakeStreamEvent(out _)) { }
                while (to.Read(id, chunk, out var read, out var fin).Status == StreamReadStatus.Ok)
                {
                    received.Write(chunk, 0, read);
                    done |= fin;
                }
                return done;
            },
            limit);
        Assert.True(finished, $"transfer stopped at {received.Length} of {length}: {from.State} {from.CloseReason} {to.State} {to.CloseReason} at {Network.Now}");
        Assert.True(data.AsSpan().SequenceEqual(received.ToArray()), "the bytes differ");
        return data;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server?.Dispose();
        _clientKey.Dispose();
        _serverKey.Dispose();
        Network.Client.Dispose();
        Network.Server.Dispose();
    }

    private bool Accepted()
    {
        if (Server is null && Network.Server.TryAccept(out var accepted)) { Server = accepted; }
        return Server is not null;
    }
}
