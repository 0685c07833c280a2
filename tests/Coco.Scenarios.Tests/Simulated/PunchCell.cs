using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Two hosts and an observer; whether plain punching connects them.</summary>
internal static class PunchCell
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);

    /// <summary>Time until both are done; null when it does not succeed within three seconds.</summary>
    /// <param name="internet">Where the hosts are.</param>
    /// <param name="caller">Who begins.</param>
    /// <param name="callee">Who begins later, or earlier.</param>
    /// <param name="calleeDelay">By how much.</param>
    /// <param name="openerHopLimit">How far the first packet of each may go; 0 for all the way.</param>
    public static TimeSpan? Punch(SimulatedInternet internet, SimulatedHost caller, SimulatedHost callee, TimeSpan calleeDelay = default, byte openerHopLimit = 0)
    {
        var observerAddress = SimulatedInternet.Address("198.51.100.10:3478");
        _ = new SimulatedNode(internet.AddHost("observer", "198.51.100.10"), new ObserverProgram(), new() { UdpPort = 3478 }).Start();
        var (a, b) = (new PunchProgram(observerAddress, openerHopLimit), new PunchProgram(observerAddress, openerHopLimit));
        var (first, second) = (new SimulatedNode(caller, a).Start(), new SimulatedNode(callee, b).Start());
        if (!internet.RunUntil(() => a.Outer is not null && b.Outer is not null, TimeSpan.FromSeconds(1))) { return null; }

        var begun = internet.Now;
        var (callerDelay, laterDelay) = calleeDelay < TimeSpan.Zero ? (-calleeDelay, TimeSpan.Zero) : (TimeSpan.Zero, calleeDelay);
        internet.After(callerDelay, () => first.Act(now => a.Begin(b.Outer!.Value, now)));
        internet.After(laterDelay, () => second.Act(now => b.Begin(a.Outer!.Value, now)));
        return internet.RunUntil(() => a.IsDone && b.IsDone, Budget) ? internet.Now - begun : null;
    }
}
