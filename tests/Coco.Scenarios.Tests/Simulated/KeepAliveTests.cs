using Coco.Lab.Nat;
using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>How long mappings live is tried once for each network, and quiet connections are kept open accordingly.</summary>
public sealed class KeepAliveTests(ITestOutputHelper output)
{
    private static readonly TimeSpan LearningTime = TimeSpan.FromMinutes(6);

    [Theory]
    [InlineData(15, 15, 10, 14)]
    [InlineData(30, 30, 25, 30)]
    [InlineData(120, 120, 61, 119)]
    [InlineData(300, 300, 61, 119)]
    [InlineData(300, 30, 61, 119)] // the other side's NAT is what the caller's pings are too seldom for
    [InlineData(30, 300, 25, 30)]
    public void Interval_is_learnt_and_nothing_sent_after_a_silence_is_missed(int callers, int callees, int least, int most)
    {
        using var scene = new RoamingScene();
        RoamingPeer caller = scene.Add(NatKind.PortRestricted, 1, options => Live(options, callers)), callee = scene.Add(NatKind.PortRestricted, 2, options => Live(options, callees));
        var (call, answer) = scene.ConnectDirectly(caller, callee);
        scene.Internet.RunFor(LearningTime);
        Assert.InRange(caller.Endpoint.KeepAlive.TotalSeconds, least, most);
        Assert.InRange(caller.Endpoint.TrialRequestsSent, 1, 60);

        var packets = scene.CountPastRelays();
        var changes = caller.PathChanges + callee.PathChanges;
        scene.Internet.RunFor(TimeSpan.FromHours(1));
        var anHour = packets();
        output.WriteLine($"mappings live {callers} and {callees} s: intervals {caller.Endpoint.KeepAlive.TotalSeconds} and {callee.Endpoint.KeepAlive.TotalSeconds} s, {anHour} packets an hour of both, {caller.Endpoint.TrialRequestsSent} trial requests");
        if (callers >= 30 && callees >= 30) { Assert.InRange(anHour, 1, 2 * 150); }

        // Just before the next packet of our own: as long a silence as there is.
        for (var i = 0; i < 6; i++)
        {
            scene.Internet.RunFor(caller.Endpoint.KeepAlive * (i + 0.9));
            Assert.Equal(0, caller.PathChanges + callee.PathChanges - changes);
            var (from, connection, to) = i % 2 == 0 ? (callee, answer, caller) : (caller, call, callee);
            var before = to.BytesReceived;
            scene.Send(from, connection, 100);
            scene.Until(() => to.BytesReceived == before + 100, 0.5, () => $"{i}: {RoamingScene.Describe(connection)}");
        }
        scene.End();
    }

    [Fact]
    public void Servers_that_answer_to_no_other_port_leave_the_interval_as_it_was()
    {
        using var scene = new RoamingScene();
        var node = scene.Add(SimulatedHome.Add(scene.Internet, NatKind.PortRestricted, 1, options => Live(options, 300)).Host);
        var isAsked = false;
        var observer = scene.Internet.Trace.Observer!;
        scene.Internet.Trace.Observer = (now, verb, packet) =>
        {
            observer(now, verb, packet);
            // As a middlebox would that knows RFC 8489 but not RFC 5780: such requests get no answer.
            if (verb is TraceVerb.Sent && packet.Payload is [0, 1, _, _, 0x21, 0x12, 0xA4, 0x42, ..] && packet.Payload.Length > 21 && packet.Payload[20] == 0 && packet.Payload[21] == 0x27)
            {
                isAsked = true;
                packet.Payload[0] = 0x3F;
            }
        };
        scene.Settle();
        scene.Internet.RunFor(LearningTime);
        Assert.True(isAsked);
        Assert.Equal(25, node.Endpoint.KeepAlive.TotalSeconds);
    }

    private static RouterOptions Live(RouterOptions options, int seconds) =>
        options with { StreamTimeout = TimeSpan.FromSeconds(seconds), UnrepliedTimeout = TimeSpan.FromSeconds(Math.Min(30, seconds)) };
}
