using System.Collections.Concurrent;
using System.Globalization;
using Coco.Tests.ControlPlanes;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>Two instances of the real program on one PostgreSQL, of which one is killed while nodes and callers of the API use both.</summary>
public sealed class KilledInstanceTests(PostgreSqlServer server)
{
    [Fact]
    public async Task What_flows_goes_on_within_two_seconds_who_is_idle_is_found_and_nothing_acknowledged_is_lost()
    {
        Assert.SkipUnless(PostgreSqlServer.IsThere, "PostgreSQL is not installed");
        await using var fleet = await PlaneFleet.StartAsync(server, 2, TimeSpan.FromMinutes(2));
        var tokens = await AppLoad.SignInAsync(fleet.Location, 200);
        var relays = fleet.Instances.Select(static instance => instance.ByUdp).ToArray();
        var (caller, callee, idle) = (await fleet.StartNodeAsync(relays), await fleet.StartNodeAsync(relays), await fleet.StartNodeAsync(relays));
        var (called, accepted) = await fleet.ConnectAsync(caller, callee);
        await fleet.UntilAsync(() => called.Paths.Count >= 2);

        // Writers at both, each until its instance does not answer any more, or the transfer is over.
        using var over = new CancellationTokenSource();
        var acknowledged = new ConcurrentBag<string>[] { [], [] };
        var writing = fleet.Instances.Select((instance, i) => WriteAsync(instance.Http, tokens, i, acknowledged[i], over.Token)).ToArray();
        await fleet.UntilAsync(() => acknowledged.All(static names => names.Count >= 10));
        var killed = fleet.Instances[0];
        var killing = Task.CompletedTask;
        var longest = await WatchedTransfer.RunAsync(
            called,
            accepted,
            () =>
            {
                killed = fleet.InUse(called);
                killing = killed.Process.KillAsync();
            },
            fleet.Patience);
        await killing;
        await over.CancelAsync();
        await Task.WhenAll(writing);
        var left = fleet.Instances.Single(instance => instance != killed);

        Assert.Same(left, fleet.InUse(called));
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        TestContext.Current.TestOutputHelper?.WriteLine($"longest silence after the kill: {longest.TotalMilliseconds:f0} ms; {acknowledged.Sum(static names => names.Count)} writes acknowledged");

        // By its name alone, of the instance that is left; later, too, when it has seen that the other is gone.
        await fleet.RequireFoundAsync(await fleet.StartNodeAsync([left.ByUdp]), idle);
        await fleet.UntilAsync(() => idle.Record is { Relays: [var only] } && only.Id == left.ByUdp.Id);
        await fleet.RequireFoundAsync(await fleet.StartNodeAsync([left.ByUdp]), idle);

        string[] there = [.. await AppLoad.ListAsync(left.Http, tokens[..(tokens.Length / 2)]), .. await AppLoad.ListAsync(left.Http, tokens[(tokens.Length / 2)..])];
        Assert.Empty(acknowledged.SelectMany(static names => names).Except(there, StringComparer.Ordinal));
        Assert.Equal(there.Distinct(StringComparer.Ordinal).Count(), there.Length);
    }

    // The tokens of a writer are its own, and so are the numbers of its apps.
    private static async Task WriteAsync(HttpClient http, string[] tokens, int writer, ConcurrentBag<string> acknowledged, CancellationToken cancellationToken)
    {
        for (var number = writer * tokens.Length / 2 * AppLoad.AppsOfEach; !cancellationToken.IsCancellationRequested && await AppLoad.CreateAsync(http, tokens, number); number++)
        {
            acknowledged.Add(string.Create(CultureInfo.InvariantCulture, $"app {number}"));
        }
    }
}
