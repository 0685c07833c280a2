using Coco.Lab.Nat;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Calls over relays that are reached by TCP, on machines so busy that processes stand still for seconds. COCO_ALL=1 takes more seeds.</summary>
public sealed class RelayStallTests
{
    private const int Length = 65_536;

    private static readonly ulong Seeds = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 3000ul : 120ul;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12); // after the last process goes on; backed-off timers of seconds are waited for

    // Of 300 seeds 8 had connections that stood still for good: the way over which a call was answered was lost before the answer had been confirmed.
    [Fact]
    public void Call_between_networks_without_udp_survives_busy_machines()
    {
        var failures = new List<string>();
        for (var seed = 101ul; seed < 101 + Seeds; seed++)
        {
            if (Run(seed) is { } failure) { failures.Add(failure); }
        }
        Assert.True(failures.Count == 0, $"{failures.Count} of {Seeds}:\n{string.Join('\n', failures)}");
    }

    private static string? Run(ulong seed)
    {
        using var scene = new RoamingScene(seed);
        RoamingPeer caller = scene.Add(NatKind.UdpBlocked, 1), callee = scene.Add(NatKind.UdpBlocked, 2);
        var internet = scene.Internet;
        var random = new Random((int)seed);
        RoamingPeer[] all = [caller, callee, scene.Relay.Peer, scene.Second.Peer];
        foreach (var peer in all)
        {
            var delay = TimeSpan.FromMilliseconds(random.Next(1, 40));
            peer.Node.Host.Interfaces[0].Cable.Change(options => options with { Delay = delay, Jitter = delay * random.NextDouble() });
        }
        internet.RunFor(TimeSpan.FromSeconds(15));

        var quiet = internet.Now;
        foreach (var peer in all)
        {
            var at = TimeSpan.FromSeconds(random.NextDouble() * 0.2);
            for (var i = random.Next(4); i > 0; i--)
            {
                var length = TimeSpan.FromSeconds(0.2 + (random.NextDouble() * 2.8));
                internet.After(at, () => peer.Node.IsHung = true);
                internet.After(at + length, () => peer.Node.IsHung = false);
                if (internet.Now + at + length > quiet) { quiet = internet.Now + at + length; }
                at += length + TimeSpan.FromSeconds(0.001 + (random.NextDouble() * random.NextDouble()));
            }
        }
        RoamingConnection? call = null;
        internet.After(TimeSpan.FromSeconds(random.NextDouble() * 1.5), Dial);
        if (!internet.RunUntil(() => call?.State is RoamingState.Connected, TimeSpan.FromSeconds(60))) { return $"seed {seed}: {RoamingScene.Describe(call!)}"; }
        scene.Send(caller, call!, Length);
        internet.RunUntil(() => callee.BytesReceived == Length, TimeSpan.FromSeconds(60));
        if (callee.BytesReceived == Length) { scene.Send(callee, callee.Accepted[^1], Length); }
        internet.RunUntil(() => caller.BytesReceived == Length, TimeSpan.FromSeconds(60));
        var late = internet.Now - quiet;
        if (caller.BytesReceived == Length && late < Patience) { return null; }
        return $"seed {seed}: {callee.BytesReceived} and {caller.BytesReceived} bytes {late} after the last stall; {RoamingScene.Describe(call!)}";

        void Dial()
        {
            if (caller.Node.IsHung) { internet.After(TimeSpan.FromMilliseconds(10), Dial); }
            else { call = caller.Call(new RoamingTarget(callee.Id) { Relays = [scene.Relay.Info, scene.Second.Info] }); }
        }
    }
}
