using System.Net;
using Coco.Crypto;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Two endpoints on loopback, and a patience after which a test has failed.</summary>
internal sealed class EndpointPair : IAsyncDisposable
{
    private readonly IdentityKey _clientKey = IdentityKey.Generate();
    private readonly IdentityKey _serverKey = IdentityKey.Generate();

    private EndpointPair()
    {
    }

    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    public Endpoint Client { get; private set; } = null!;

    public Endpoint Server { get; private set; } = null!;

    public ConnectHints ToServer => ConnectHints.At(Server.LocalEndPoints[0]);

    public static async Task<EndpointPair> StartAsync(Func<TransportOptions, TransportOptions>? configure = null)
    {
        configure ??= options => options;
        var pair = new EndpointPair();
        pair.Client = await Endpoint.StartAsync(configure(Options(pair._clientKey)));
        pair.Server = await Endpoint.StartAsync(configure(Options(pair._serverKey)));
        return pair;
    }

    public static TransportOptions Options(IdentityKey key) => new()
    {
        Identities = [key],
        ListenAddresses = [new(IPAddress.Loopback, 0)],
    };

    public async Task<(Connection Client, Connection Server)> ConnectAsync()
    {
        var accepting = Server.AcceptAsync().AsTask();
        var client = await Client.ConnectAsync(Server.Id, ToServer).WaitAsync(Patience);
        return (client, await accepting.WaitAsync(Patience));
    }

    /// <summary>A stream that the client opened, and whose first byte, 1, the server has read.</summary>
    public async Task<(ConnectionStream Client, ConnectionStream Server)> OpenStreamAsync(bool bidirectional = true)
    {
        var (client, server) = await ConnectAsync();
        return await OpenStreamAsync(client, server, bidirectional);
    }

    public static async Task<(ConnectionStream Opened, ConnectionStream Accepted)> OpenStreamAsync(Connection from, Connection to, bool bidirectional = true)
    {
        var opened = await from.OpenStreamAsync(bidirectional).AsTask().WaitAsync(Patience);
        await opened.WriteAsync(new byte[] { 1 }).AsTask().WaitAsync(Patience);
        var accepted = await to.AcceptStreamAsync().AsTask().WaitAsync(Patience);
        Assert.Equal(1, await accepted.ReadAsync(new byte[1]).AsTask().WaitAsync(Patience));
        return (opened, accepted);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync().AsTask().WaitAsync(Patience);
        await Server.DisposeAsync().AsTask().WaitAsync(Patience);
        _clientKey.Dispose();
        _serverKey.Dispose();
    }
}
