using Coco.Crypto;
using Coco.Transport.Udp;
using Coco.Traversal.Relays;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>A relay that tells networks apart and counts what they use, over real sockets on loopback.</summary>
public sealed class RelayTermsTests : IAsyncDisposable, IRelayTerms
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;

    private readonly List<IAsyncDisposable> _endpoints = [];
    private readonly List<IdentityKey> _keys = [];
    private volatile RelayTerms _terms = new() { Network = "home" };

    public RelayTerms TermsOf(NodeId client) => _terms;

    [Fact]
    public async Task Usage_is_what_reached_the_relay_and_what_the_senders_sent()
    {
        var (relay, caller, callee) = await StartAsync();
        var (client, server) = await ConnectAsync(relay, caller, callee);
        await SendAsync(client, server, 3_000_000);
        await SendAsync(server, client, 500_000);

        // Both ends have quiet moments, in which nothing is under way.
        var used = new Dictionary<NodeId, (long Relayed, long Control)>();
        await UntilAsync(async () =>
        {
            foreach (var use in await relay.TakeRelayUsageAsync())
            {
                Assert.Equal("home", use.Network);
                var sum = used.GetValueOrDefault(use.Client);
                used[use.Client] = (sum.Relayed + use.RelayedBytes, sum.Control + use.ControlBytes);
            }
            var statistics = (await relay.GetRelayStatisticsAsync())!;
            Assert.Equal(0, statistics.Dropped.Sum());
            return statistics.Bytes == used.Values.Sum(static use => use.Relayed)
                && await SentBy(caller) == used[caller.Id].Relayed && await SentBy(callee) == used[callee.Id].Relayed;
        });
        Assert.InRange(used[caller.Id].Relayed, 3_000_000, 4_000_000);
        Assert.InRange(used[callee.Id].Relayed, 500_000, 1_000_000);
        Assert.All(used.Values, use => Assert.InRange(use.Control, 2_000, 50_000));

        static Task<long> SentBy(Endpoint endpoint) => endpoint.AskAsync(static core => core.RelayedBytesSent);
    }

    [Fact]
    public async Task Who_is_refused_later_is_cut_off_at_once()
    {
        var (relay, caller, callee) = await StartAsync();
        await ConnectAsync(relay, caller, callee);
        _terms = new() { Refusal = "The network was deleted." };
        await relay.UpdateRelayTermsAsync([], ["home"]).WaitAsync(Patience);
        Assert.Equal(0, (await relay.GetRelayStatisticsAsync())!.Sessions);
        await UntilAsync(() => Task.FromResult(caller.Record!.Relays.Count == 0 && callee.Record!.Relays.Count == 0));
    }

    [Fact]
    public async Task A_throttled_network_crawls_without_losing_a_byte_and_runs_as_soon_as_it_may()
    {
        _terms = new() { Network = "home", NetworkBytesLeft = 100_000, PerNetwork = new() { BytesPerSecondBeyond = 16_000 } };
        var (relay, caller, callee) = await StartAsync();
        var (client, server) = await ConnectAsync(relay, caller, callee);
        var sending = SendAsync(client, server, 4_000_000); // minutes at that rate
        await UntilAsync(async () => (await relay.GetRelayStatisticsAsync())!.Dropped[(int)RelayDropReason.NetworkRate] > 10);
        Assert.False(sending.IsCompleted);

        _terms = new() { Network = "home" };
        await relay.UpdateRelayTermsAsync([], ["home"]).WaitAsync(Patience);
        await sending;
        Assert.Equal(1, (await relay.GetRelayStatisticsAsync())!.Sessions);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints) { await endpoint.DisposeAsync(); }
        _keys.ForEach(static key => key.Dispose());
    }

    private async Task<(Endpoint Relay, Endpoint Caller, Endpoint Callee)> StartAsync()
    {
        var relay = await StartAsync(options => options with { RelayServer = new() { Terms = this, MetersUsage = true } });
        var caller = await StartAsync(options => options with { Relays = [InfoOf(relay)] });
        var callee = await StartAsync(options => options with { Relays = [InfoOf(relay)] });
        await UntilAsync(() => Task.FromResult(caller.Record is { Relays.Count: 1 } && callee.Record is { Relays.Count: 1 }));
        return (relay, caller, callee);
    }

    private async Task<Endpoint> StartAsync(Func<TransportOptions, TransportOptions> configure)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        var endpoint = await Endpoint.StartAsync(configure(EndpointPair.Options(key) with { Policy = new() { RelayOnly = true } }));
        _endpoints.Add(endpoint);
        return endpoint;
    }

    private static RelayInfo InfoOf(Endpoint relay) => new(relay.Id, [relay.LocalEndPoints[0].ToNetworkAddress()]);

    private static async Task<(Connection Client, Connection Server)> ConnectAsync(Endpoint relay, Endpoint caller, Endpoint callee)
    {
        var accepting = callee.AcceptAsync().AsTask();
        var client = await caller.ConnectAsync(callee.Id, new() { Relays = [InfoOf(relay)] }).WaitAsync(Patience);
        return (client, await accepting.WaitAsync(Patience));
    }

    private static async Task SendAsync(Connection from, Connection to, int length)
    {
        var (sending, receiving) = await EndpointPair.OpenStreamAsync(from, to);
        var writing = WriteAsync();
        var (buffer, received) = (new byte[1 << 16], 0);
        while (await receiving.ReadAsync(buffer).AsTask().WaitAsync(Patience) is var read and > 0) { received += read; }
        Assert.Equal(length, received);
        await writing;

        async Task WriteAsync()
        {
            await sending.WriteAsync(new byte[length]).AsTask().WaitAsync(2 * Patience);
            await sending.CompleteWritesAsync().AsTask().WaitAsync(Patience);
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var start = DateTime.UtcNow;
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow - start < Patience, "It did not come to that.");
            await Task.Delay(10);
        }
    }
}
