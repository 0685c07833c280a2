using Coco.Lab.Nat;
using Coco.Traversal.Finding;
using Coco.Traversal.Roaming;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>One call between two kinds, and what became of it.</summary>
internal sealed record MatrixCell(NatKind Caller, NatKind Callee)
{
    private const int Length = 100_000;

    private static readonly TimeSpan HomeDelay = TimeSpan.FromMilliseconds(15); // each way; the relays stand 2.5 ms from the net
    private static readonly TimeSpan RelayRoundTrip = 4 * (HomeDelay + TimeSpan.FromMilliseconds(2.5));

    /// <summary>Null for nothing wrong.</summary>
    public string? Failure { get; private init; }

    /// <summary>From the call to the first byte at the callee, in round trips between the two through a relay.</summary>
    public double RelayRoundTrips { get; private init; }

    /// <summary>From the call until both send directly.</summary>
    public TimeSpan DirectAfter { get; private init; }

    public static MatrixCell Run(ulong seed, NatKind callerKind, NatKind calleeKind)
    {
        using var scene = new RoamingScene(seed);
        var cell = new MatrixCell(callerKind, calleeKind);
        RoamingPeer caller = scene.Add(callerKind, 1), callee = scene.Add(calleeKind, 2);
        foreach (var peer in (ReadOnlySpan<RoamingPeer>)[caller, callee])
        {
            peer.Node.Host.Interfaces[0].Cable.Change(static options => options with { Delay = HomeDelay });
        }
        scene.Internet.RunFor(TimeSpan.FromSeconds(15));
        var start = scene.Internet.Now;
        var call = caller.Call(callee, scene.Relay.Info);
        if (!scene.Internet.RunUntil(() => call.State is RoamingState.Connected, TimeSpan.FromSeconds(10))) { return cell with { Failure = $"seed {seed}: {RoamingScene.Describe(call)}" }; }
        scene.Send(caller, call, Length);
        if (!scene.Internet.RunUntil(() => callee.BytesReceived > 0, TimeSpan.FromSeconds(5))) { return cell with { Failure = $"seed {seed}: {RoamingScene.Describe(call)}" }; }
        cell = cell with { RelayRoundTrips = (scene.Internet.Now - start) / RelayRoundTrip };
        var answer = callee.Accepted[0];
        scene.Send(callee, answer, Length);

        var expected = NatMatrix.Expected(callerKind, calleeKind);
        if (expected is not NatOutcome.Relay)
        {
            scene.Internet.RunUntil(() => RoamingScene.IsDirectUdp(call) && RoamingScene.IsDirectUdp(answer), TimeSpan.FromSeconds(20));
            cell = cell with { DirectAfter = scene.Internet.Now - start };
        }
        scene.Internet.RunFor(TimeSpan.FromSeconds(20));
        scene.End(0);
        var isAsExpected = (call.Verdict!.Code, answer.Verdict!.Code) == Verdicts(callerKind, calleeKind);
        return isAsExpected ? cell : cell with { Failure = $"seed {seed}: {RoamingScene.Describe(call)} | {RoamingScene.Describe(answer)}" };
    }

    private static (VerdictCode Caller, VerdictCode Callee) Verdicts(NatKind caller, NatKind callee) => (caller, callee) switch
    {
        _ when NatMatrix.Expected(caller, callee) is not NatOutcome.Relay => (VerdictCode.Direct, VerdictCode.Direct),
        (NatKind.Symmetric, NatKind.Symmetric) => (VerdictCode.BothAddressDependent, VerdictCode.BothAddressDependent),
        (NatKind.UdpBlocked, NatKind.Symmetric) => (VerdictCode.UdpBlockedHere, VerdictCode.UdpBlockedAtPeer),
        (NatKind.Symmetric, NatKind.UdpBlocked) => (VerdictCode.UdpBlockedAtPeer, VerdictCode.UdpBlockedHere),
        // The others' ports of TCP are those that relays see, and both connect at once.
        _ => (VerdictCode.DirectTcp, VerdictCode.DirectTcp),
    };
}
