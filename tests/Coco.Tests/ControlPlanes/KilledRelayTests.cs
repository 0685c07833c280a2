using System.Net;
using Coco.Crypto;
using Coco.Transport;
using Coco.Transport.Udp;

namespace Coco.Tests.ControlPlanes;

/// <summary>Relays that are processes of their own and are killed: nobody says goodbye.</summary>
public sealed class KilledRelayTests : IAsyncDisposable
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(2));
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly List<IdentityKey> _keys = [];

    [Theory, InlineData(true), InlineData(false)]
    public async Task Data_in_flight_goes_on_by_another_relay_within_two_seconds_and_no_byte_is_lost(bool callerSends)
    {
        RelayChild[] relays = [await StartRelayAsync(), await StartRelayAsync()];
        var (caller, callee) = (await StartNodeAsync(relays), await StartNodeAsync(relays));
        await UntilAsync(() => caller.Record is { Relays.Count: 2 } && callee.Record is { Relays.Count: 2 });
        var accepting = callee.AcceptAsync().AsTask();
        var called = await caller.ConnectAsync(callee.Id, new() { Record = callee.Record }, _patience.Token);
        var accepted = await accepting.WaitAsync(_patience.Token);
        await UntilAsync(() => called.Paths.Count >= 2);
        var (sender, receiver) = callerSends ? (called, accepted) : (accepted, called);

        var used = InUse(relays, sender);
        var longest = await WatchedTransfer.RunAsync(
            sender,
            receiver,
            () =>
            {
                used = InUse(relays, sender);
                used.Kill();
            },
            _patience.Token);

        Assert.NotSame(used, InUse(relays, sender));
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        TestContext.Current.TestOutputHelper?.WriteLine($"longest silence after the kill: {longest.TotalMilliseconds:f0} ms");
    }

    [Fact]
    public async Task Who_is_idle_is_found_at_its_second_home_and_takes_another_after_its_next_keep_alive()
    {
        RelayChild[] relays = [await StartRelayAsync(), await StartRelayAsync(), await StartRelayAsync()];
        var callee = await StartNodeAsync(relays);
        await UntilAsync(() => callee.Record is { Relays.Count: 2 });
        var record = callee.Record!;
        var caller = await StartNodeAsync([]);

        relays.Single(relay => relay.Info.Id == record.Relays[0].Id).Kill();
        await using (var call = await caller.ConnectAsync(callee.Id, new() { Record = record }, _patience.Token))
        {
            Assert.Equal(callee.Id, call.PeerId);
        }
        await UntilAsync(() => callee.Record is { Relays.Count: 2 } now && now.Relays.All(relay => relay.Id != record.Relays[0].Id));
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) { await _owned[i].DisposeAsync(); }
        _keys.ForEach(static key => key.Dispose());
        _patience.Dispose();
    }

    private static RelayChild InUse(RelayChild[] relays, Connection connection) =>
        relays.Single(relay => relay.Info.Addresses[0].ToIPEndPoint().Equals(connection.ActivePath!.RemoteEndPoint));

    private async Task<RelayChild> StartRelayAsync()
    {
        var relay = await RelayChild.StartAsync(_patience.Token);
        _owned.Add(relay);
        return relay;
    }

    private async Task<Endpoint> StartNodeAsync(RelayChild[] relays)
    {
        var key = IdentityKey.Generate();
        _keys.Add(key);
        var options = new TransportOptions
        {
            Identities = [key], ListenAddresses = [new(IPAddress.Loopback, 0)], Relays = [.. relays.Select(static relay => relay.Info)], Policy = new() { RelayOnly = true },
        };
        var node = await Endpoint.StartAsync(options with { Connection = options.Connection with { KeepAlive = TimeSpan.FromSeconds(3) } }, _patience.Token);
        _owned.Add(node);
        return node;
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) { await Task.Delay(10, _patience.Token); }
    }
}
