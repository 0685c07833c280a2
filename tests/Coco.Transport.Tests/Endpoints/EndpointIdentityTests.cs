using System.Net;
using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Transport.Udp;
using Coco.Traversal.Relays;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Identities that come and go while an endpoint serves.</summary>
public sealed class EndpointIdentityTests : IDisposable
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    private readonly List<IdentityKey> _keys = [];

    [Fact]
    public async Task Identity_added_while_serving_is_called_and_calls_as_itself()
    {
        await using var pair = await EndpointPair.StartAsync();
        var first = pair.Server.Id;
        var added = NewKey();

        pair.Server.AddIdentity(added);

        Assert.Equal([first, added.Id], pair.Server.Identities);
        Assert.Equal(first, pair.Server.Id);
        var (client, server) = await CallAsync(pair.Client, pair.Server, added.Id);
        Assert.Equal((added.Id, added.Id), (client.PeerId, server.LocalId));
        Assert.Equal((pair.Client.Id, pair.Client.Id), (client.LocalId, server.PeerId));
        var (back, answer) = await CallAsync(pair.Server, pair.Client, pair.Client.Id, added.Id);
        Assert.Equal((added.Id, added.Id), (back.LocalId, answer.PeerId));
        Assert.Equal(first, (await CallAsync(pair.Client, pair.Server, first)).Server.LocalId);
    }

    [Fact]
    public async Task Removed_identity_answers_no_more_and_the_connections_of_others_live_on()
    {
        await using var pair = await EndpointPair.StartAsync();
        var added = NewKey();
        pair.Server.AddIdentity(added);
        var (kept, other) = await CallAsync(pair.Client, pair.Server, pair.Server.Id);
        var (ended, _) = await CallAsync(pair.Client, pair.Server, added.Id);
        var calledAs = await CallAsync(pair.Server, pair.Client, pair.Client.Id, added.Id);

        await pair.Server.RemoveIdentityAsync(added.Id).WaitAsync(Patience);
        added.Dispose();

        Assert.DoesNotContain(added.Id, pair.Server.Identities);
        var reason = await ended.Closed.WaitAsync(Patience);
        Assert.Equal((CloseKind.PeerApplication, 0ul, "The identity was removed."), (reason.Kind, reason.Code, reason.Message));
        Assert.Equal(CloseKind.PeerApplication, (await calledAs.Server.Closed.WaitAsync(Patience)).Kind);
        await Assert.ThrowsAsync<TimeoutException>(() => pair.Client.ConnectAsync(added.Id, pair.ToServer with { Timeout = Silence }).WaitAsync(Patience));
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => pair.Server.ConnectAsync(pair.Client.Id, ToClient(pair) with { CallAs = added.Id }));
        Assert.Contains("AddIdentity", exception.Message, StringComparison.Ordinal);
        await EndpointPair.OpenStreamAsync(kept, other);
    }

    [Fact]
    public async Task Endpoint_may_start_without_an_identity_and_lose_its_last()
    {
        await using var pair = await EndpointPair.StartAsync();
        await using var endpoint = await Endpoint.StartAsync(new() { ListenAddresses = [new(IPAddress.Loopback, 0)] });
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => endpoint.ConnectAsync(pair.Server.Id, pair.ToServer));
        Assert.Contains("AddIdentity", exception.Message, StringComparison.Ordinal);
        Assert.True(endpoint.Id.IsDefault);
        Assert.Null(endpoint.Record);

        var key = NewKey();
        for (var i = 0; i < 3; i++)
        {
            endpoint.AddIdentity(key);
            Assert.Equal(key.Id, endpoint.Id);
            Assert.Equal(key.Id, (await CallAsync(endpoint, pair.Server, pair.Server.Id)).Server.PeerId);
            await CallAsync(pair.Client, endpoint, key.Id);
            await endpoint.RemoveIdentityAsync(key.Id).WaitAsync(Patience);
            Assert.Empty(endpoint.Identities);
        }
    }

    [Fact]
    public async Task Adding_the_same_identity_twice_says_what_to_do_and_removing_it_twice_is_safe()
    {
        await using var pair = await EndpointPair.StartAsync();
        var key = NewKey();
        pair.Server.AddIdentity(key);

        var exception = Assert.Throws<ArgumentException>(() => pair.Server.AddIdentity(key));
        Assert.Contains("remove it first", exception.Message, StringComparison.Ordinal);
        var (client, server) = await CallAsync(pair.Client, pair.Server, key.Id);
        await using var unfinished = await client.OpenStreamAsync();
        await unfinished.WriteAsync(new byte[1]);
        await using var accepted = await server.AcceptStreamAsync();

        var removals = new[] { pair.Server.RemoveIdentityAsync(key.Id), pair.Server.RemoveIdentityAsync(key.Id) };
        await Task.WhenAll(removals).WaitAsync(Patience);
        await pair.Server.RemoveIdentityAsync(key.Id).WaitAsync(Patience);

        pair.Server.AddIdentity(key);
        await CallAsync(pair.Client, pair.Server, key.Id);
        await pair.Server.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => pair.Server.AddIdentity(NewKey()));
        await pair.Server.RemoveIdentityAsync(key.Id).WaitAsync(Patience);
    }

    [Fact]
    public async Task Identity_that_is_being_removed_cannot_be_added_before_its_streams_are_done()
    {
        await using var pair = await EndpointPair.StartAsync(options => options with { CloseTimeout = TimeSpan.FromMinutes(1) });
        var key = NewKey();
        pair.Server.AddIdentity(key);
        var (client, server) = await CallAsync(pair.Client, pair.Server, key.Id);
        var (opened, accepted) = await EndpointPair.OpenStreamAsync(server, client);
        var writing = opened.WriteAsync(new byte[8 << 20]).AsTask(); // more than the peer takes before somebody reads
        await accepted.ReadExactlyAsync(new byte[1 << 20]).AsTask().WaitAsync(Patience);
        var completing = WriteAllAsync();

        await Until(() => pair.Server.AskAsync(static core => core.Nodes.Count), 2);
        var buffer = new byte[1 << 20];
        for (var left = 7 << 20; left > 0;) { left -= await accepted.ReadAsync(buffer).AsTask().WaitAsync(Patience); }
        await completing.WaitAsync(Patience);
        using var gate = new ManualResetEventSlim();
        var held = pair.Server.AskAsync(_ => gate.Wait(Patience)); // all is acknowledged, so that only a loop that stands still keeps the removal from its end
        var removing = pair.Server.RemoveIdentityAsync(key.Id);
        var exception = Assert.Throws<InvalidOperationException>(() => pair.Server.AddIdentity(key));
        gate.Set();
        Assert.True(await held.WaitAsync(Patience));
        Assert.Contains("Await RemoveIdentityAsync", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, await accepted.ReadAsync(buffer).AsTask().WaitAsync(Patience));
        await removing.WaitAsync(Patience);

        async Task WriteAllAsync()
        {
            await writing;
            await opened.CompleteWritesAsync();
        }
    }

    [Fact]
    public async Task Hundred_identities_that_come_and_go_leave_nothing_here_and_nothing_at_the_relay()
    {
        await using var relay = await Endpoint.StartAsync(EndpointPair.Options(NewKey()) with { RelayServer = new() });
        var info = new RelayInfo(relay.Id, [relay.LocalEndPoints[0].ToNetworkAddress()]);
        await using var pair = await EndpointPair.StartAsync();
        var taking = TakeAllAsync();
        var gone = new List<WeakReference>();
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ComeAndGoAsync())).WaitAsync(Patience);
        }

        Assert.Equal((1, 0, 0), await pair.Server.AskAsync(static core => (core.Nodes.Count, core.ConnectionCount, core.RelayLinkCount)));
        Assert.Equal([pair.Server.Id], pair.Server.Identities);
        await Until(async () => (await relay.GetRelayStatisticsAsync())!.Homes, 0);
        await Until(() => Task.FromResult(Alive(gone)), 0); // a handshake's end is remembered for a moment
        await pair.Server.DisposeAsync();
        await taking.WaitAsync(Patience);

        async Task TakeAllAsync()
        {
            await foreach (var accepted in pair.Server.AcceptAllAsync()) { await accepted.DisposeAsync(); }
        }

        async Task ComeAndGoAsync()
        {
            using var key = IdentityKey.Generate();
            pair.Server.AddIdentity(key, new() { Relays = [info] });
            await Until(() => Task.FromResult(pair.Server.RecordOf(key.Id)?.Relays.Count ?? 0), 1);
            await using var connection = await pair.Client.ConnectAsync(key.Id, pair.ToServer);
            await pair.Server.RemoveIdentityAsync(key.Id);
            Assert.Null(pair.Server.RecordOf(key.Id));
            lock (gone) { gone.Add(new(key)); }
        }
    }

    [Fact]
    public async Task Identities_have_the_relays_of_the_endpoint_unless_they_have_their_own()
    {
        await using var one = await Endpoint.StartAsync(EndpointPair.Options(NewKey()) with { RelayServer = new() });
        await using var two = await Endpoint.StartAsync(EndpointPair.Options(NewKey()) with { RelayServer = new() });
        var (first, own, without) = (NewKey(), NewKey(), NewKey());
        await using var endpoint = await Endpoint.StartAsync(new()
        {
            ListenAddresses = [new(IPAddress.Loopback, 0)],
            Relays = [new(one.Id, [one.LocalEndPoints[0].ToNetworkAddress()])],
        });

        endpoint.AddIdentity(first);
        endpoint.AddIdentity(own, new() { Relays = [new(two.Id, [two.LocalEndPoints[0].ToNetworkAddress()])] });
        endpoint.AddIdentity(without, new() { Relays = [] });

        await Until(() => Task.FromResult(endpoint.RecordOf(first.Id)?.Relays.SingleOrDefault()?.Id ?? default), one.Id);
        await Until(() => Task.FromResult(endpoint.RecordOf(own.Id)?.Relays.SingleOrDefault()?.Id ?? default), two.Id);
        Assert.Empty(endpoint.RecordOf(without.Id)!.Relays);
        await endpoint.RemoveIdentityAsync(own.Id).WaitAsync(Patience);
        await Until(async () => (await two.GetRelayStatisticsAsync())!.Clients, 0);
        Assert.Equal(1, (await one.GetRelayStatisticsAsync())!.Clients);
    }

    [Fact]
    public async Task Both_ends_export_the_same_keying_material_and_nobody_once_the_connection_is_over()
    {
        await using var pair = await EndpointPair.StartAsync();
        var (client, server) = await pair.ConnectAsync();
        var (second, _) = await CallAsync(pair.Client, pair.Server, pair.Server.Id);
        byte[] ours = new byte[96], theirs = new byte[96], other = new byte[96];

        Assert.True(client.TryExportKeyingMaterial("EXPORTER-test"u8, "context"u8, ours));
        Assert.True(server.TryExportKeyingMaterial("EXPORTER-test"u8, "context"u8, theirs));
        Assert.Equal(ours, theirs);
        Assert.True(server.TryExportKeyingMaterial("EXPORTER-test"u8, "contexts"u8, other));
        Assert.NotEqual(ours, other);
        Assert.True(server.TryExportKeyingMaterial("EXPORTER-tests"u8, "context"u8, other));
        Assert.NotEqual(ours, other);
        Assert.True(second.TryExportKeyingMaterial("EXPORTER-test"u8, "context"u8, other));
        Assert.NotEqual(ours, other);
        Assert.Throws<ArgumentOutOfRangeException>(() => client.TryExportKeyingMaterial(new byte[250], [], ours));
        Assert.Throws<ArgumentOutOfRangeException>(() => client.TryExportKeyingMaterial([], [], new byte[8161]));

        await client.CloseAsync();
        await server.Closed.WaitAsync(Patience);
        Assert.False(client.TryExportKeyingMaterial("EXPORTER-test"u8, "context"u8, ours));
        Assert.False(server.TryExportKeyingMaterial("EXPORTER-test"u8, "context"u8, ours));
    }

    public void Dispose() => _keys.ForEach(static key => key.Dispose());

    private static ConnectHints ToClient(EndpointPair pair) => ConnectHints.At(pair.Client.LocalEndPoints[0]);

    private static async Task<(Connection Client, Connection Server)> CallAsync(Endpoint from, Endpoint to, NodeId peer, NodeId? callAs = null)
    {
        var accepting = to.AcceptAsync().AsTask();
        var client = await from.ConnectAsync(peer, ConnectHints.At(to.LocalEndPoints[0]) with { CallAs = callAs }).WaitAsync(Patience);
        return (client, await accepting.WaitAsync(Patience));
    }

    private static async Task Until<T>(Func<Task<T>> ask, T expected)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!EqualityComparer<T>.Default.Equals(await ask(), expected)) { await Task.Delay(5, patience.Token); }
    }

    private static int Alive(List<WeakReference> references)
    {
        GC.Collect();
        return references.Count(static reference => reference.IsAlive);
    }

    private IdentityKey NewKey()
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        return key;
    }
}
