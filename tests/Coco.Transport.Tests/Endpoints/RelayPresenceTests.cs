using Coco.Crypto;
using Coco.Transport.Lookup;
using Coco.Transport.Udp;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Transport.Tests.Endpoints;

/// <summary>Relays of one owner that tell each other where their clients are, over real sockets on loopback.</summary>
public sealed class RelayPresenceTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = EndpointPair.Patience;

    private readonly List<Endpoint> _endpoints = [];
    private readonly List<IdentityKey> _keys = [];

    [Fact]
    public async Task Who_is_registered_at_one_finds_who_is_registered_at_another()
    {
        var shared = new MemoryAddressLookup();
        var (callee, caller, _) = await StartAsync(shared);
        while (await shared.FindAsync(callee.Id) is not { Relays.Count: 1 }) { await Task.Delay(5); }

        var accepting = callee.AcceptAsync().AsTask();
        var client = await caller.ConnectAsync(callee.Id).WaitAsync(Patience); // nothing is known but who it is

        Assert.Equal((callee.Id, PathType.Relay), (client.PeerId, client.ActivePath?.Type));
        Assert.Equal(caller.Id, (await accepting.WaitAsync(Patience)).PeerId);
    }

    [Fact]
    public async Task Who_moves_is_found_where_it_is_now()
    {
        var shared = new MemoryAddressLookup();
        var (callee, caller, relays) = await StartAsync(shared);
        callee.SetRelays(callee.Id, [InfoOf(relays[1])]); // where the caller is
        await UntilAsync(() => callee.Record!.Relays is [var only] && only.Id == relays[1].Id);
        callee.SetRelays(callee.Id, [InfoOf(relays[0])]); // and where it was: the other relay has its old record still
        await UntilAsync(() => callee.Record!.Relays is [var only] && only.Id == relays[0].Id);
        var newest = callee.Record!.Sequence;
        while ((await shared.FindAsync(callee.Id))!.Sequence < newest) { await Task.Delay(5); }

        await caller.ConnectAsync(callee.Id).WaitAsync(Patience);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_presence_that_fails_or_never_answers_costs_two_seconds_and_the_relay_goes_on(bool fails)
    {
        var (callee, caller, relays) = await StartAsync(new Broken(fails));
        await Assert.ThrowsAnyAsync<Exception>(() => caller.ConnectAsync(callee.Id, new() { Timeout = TimeSpan.FromSeconds(3) }).WaitAsync(Patience));

        await caller.ConnectAsync(callee.Id, new() { Relays = [InfoOf(relays[0])] }).WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var endpoint in _endpoints) { await endpoint.DisposeAsync().AsTask().WaitAsync(Patience); }
        _keys.ForEach(static key => key.Dispose());
    }

    // The callee is at the first relay, the caller at the second.
    private async Task<(Endpoint Callee, Endpoint Caller, Endpoint[] Relays)> StartAsync(IAddressLookup presence)
    {
        var relays = new Endpoint[2];
        for (var i = 0; i < 2; i++) { relays[i] = await StartAsync(options => options with { RelayServer = new(), RelayPresence = presence }); }
        var callee = await StartAsync(options => options with { Relays = [InfoOf(relays[0])], Policy = new() { RelayOnly = true } });
        var caller = await StartAsync(options => options with { Relays = [InfoOf(relays[1])], Policy = new() { RelayOnly = true } });
        await UntilAsync(() => callee.Record is { Relays.Count: 1 } && caller.Record is { Relays.Count: 1 });
        return (callee, caller, relays);
    }

    private async Task<Endpoint> StartAsync(Func<TransportOptions, TransportOptions> configure)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        var endpoint = await Endpoint.StartAsync(configure(EndpointPair.Options(key)));
        _endpoints.Add(endpoint);
        return endpoint;
    }

    private static RelayInfo InfoOf(Endpoint relay) => new(relay.Id, [relay.LocalEndPoints[0].ToNetworkAddress()]);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition()) { await Task.Delay(5, patience.Token); }
    }

    private sealed class Broken(bool fails) : IAddressLookup
    {
        public ValueTask<AddressRecord?> FindAsync(NodeId id, CancellationToken cancellationToken = default) => new(FailAsync<AddressRecord?>(cancellationToken));

        public ValueTask PublishAsync(AddressRecord record, CancellationToken cancellationToken = default) => new(FailAsync<int>(cancellationToken));

        private async Task<T> FailAsync<T>(CancellationToken cancellationToken)
        {
            if (fails) { throw new InvalidOperationException("broken"); }
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return default!;
        }
    }
}
