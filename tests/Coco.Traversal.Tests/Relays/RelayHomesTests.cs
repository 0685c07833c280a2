using Coco.Crypto;
using Coco.Traversal.Relays;

namespace Coco.Traversal.Tests.Relays;

public sealed class RelayHomesTests
{
    private static readonly RelayInfo A = Relay(1), B = Relay(2), C = Relay(3);

    private readonly List<RelayDecision> _decisions = [];
    private readonly RelayHomes _homes = new([A, B, C], new(), new SeededRandomSource(1));

    [Fact]
    public void A_node_registers_with_a_home_and_a_second()
    {
        Assert.Equal(TimeSpan.MinValue, _homes.Deadline);
        _homes.HandleTimeout(TimeSpan.Zero);
        Assert.Equal([new RelayDecision.Connect(A), new RelayDecision.Connect(B)], Decisions());

        _homes.HandleConnected(B.Id);
        _homes.HandleConnected(A.Id);
        Assert.Equal(
            [new RelayDecision.Register(B, RelayPreference.Secondary), new RelayDecision.Register(A, RelayPreference.Home)], Decisions());

        _homes.HandleRegistered(A.Id, TimeSpan.Zero);
        _homes.HandleRegistered(B.Id, TimeSpan.Zero);
        Assert.Equal([A, B], _homes.Registered);
        Assert.Null(_homes.Deadline);
    }

    [Fact]
    public void When_the_home_dies_the_second_takes_its_place_at_once_and_a_third_is_taken()
    {
        Settle();
        _homes.HandleFailed(A.Id, At(100));

        Assert.Equal([new RelayDecision.Register(B, RelayPreference.Home), new RelayDecision.Connect(C)], Decisions());
        Assert.Equal([B], _homes.Registered);
    }

    [Fact]
    public void Others_may_be_configured_and_what_stays_is_not_disturbed()
    {
        Settle();
        _homes.SetRelays([C, B, Relay(4)], At(1));
        Assert.Equal(
            [new RelayDecision.Release(A), new RelayDecision.Register(B, RelayPreference.Home), new RelayDecision.Connect(C)], Decisions());
        Assert.Equal([B], _homes.Registered);

        _homes.HandleConnected(A.Id); // what is not configured is nobody's
        _homes.HandleFailed(A.Id, At(2));
        Assert.Empty(Decisions());

        _homes.SetRelays([], At(3));
        Assert.Equal([new RelayDecision.Release(C), new RelayDecision.Release(B)], Decisions());
        Assert.Empty(_homes.Registered);
        _homes.SetRelays([A], At(4));
        Assert.Equal([new RelayDecision.Connect(A)], Decisions());
    }

    [Fact]
    public void When_the_home_never_answers_the_second_becomes_the_home()
    {
        _homes.HandleTimeout(TimeSpan.Zero);
        _homes.HandleConnected(B.Id);
        _homes.HandleRegistered(B.Id, TimeSpan.Zero);
        Assert.Equal([B], _homes.Registered);
        _homes.HandleFailed(A.Id, At(3));

        Assert.Equal(new RelayDecision.Register(B, RelayPreference.Home), Decisions()[^2]);
        Assert.Equal([B], _homes.Registered);
    }

    [Fact]
    public void A_relay_that_fails_is_tried_again_after_1_second_doubling_to_1_minute()
    {
        var homes = new RelayHomes([A], new(), new SeededRandomSource(2));
        var now = TimeSpan.Zero;
        var waits = new List<double>();
        homes.HandleTimeout(now);
        for (var i = 0; i < 10; i++)
        {
            Assert.True(homes.TryTakeDecision(out _));
            homes.HandleFailed(A.Id, now);
            Assert.False(homes.TryTakeDecision(out _));
            waits.Add((homes.Deadline!.Value - now).TotalSeconds);
            now = homes.Deadline.Value;
            homes.HandleTimeout(now);
        }

        double[] least = [1, 2, 4, 8, 16, 32, 48, 48, 48, 48];
        for (var i = 0; i < waits.Count; i++) { Assert.InRange(waits[i], least[i], 1.25 * least[i]); }
        Assert.True(waits[^3..].Distinct().Count() > 1, "the waits are not drawn at random");
    }

    [Fact]
    public void A_connection_that_held_for_a_minute_starts_the_waits_anew()
    {
        var homes = new RelayHomes([A], new(), new SeededRandomSource(2));
        homes.HandleTimeout(TimeSpan.Zero);
        for (var i = 0; i < 5; i++)
        {
            homes.HandleFailed(A.Id, homes.Deadline ?? TimeSpan.Zero);
            homes.HandleTimeout(homes.Deadline!.Value);
        }
        homes.HandleConnected(A.Id);
        homes.HandleRegistered(A.Id, At(1000));
        homes.HandleFailed(A.Id, At(1060));

        Assert.InRange((homes.Deadline!.Value - At(1060)).TotalSeconds, 1, 1.25);
    }

    [Fact]
    public void The_home_changes_only_when_another_is_much_nearer_three_times_in_a_row()
    {
        Settle();
        _homes.HandleLatency(A.Id, Ms(90), At(10));
        foreach (var latency in new[] { 50, 50, 60, 50, 50 }) { _homes.HandleLatency(C.Id, Ms(latency), At(10)); } // 60 is no less than two thirds
        Assert.Empty(Decisions());

        _homes.HandleLatency(C.Id, Ms(59), At(10));
        Assert.Equal([new RelayDecision.Connect(C)], Decisions());
        Assert.Equal([A, B], _homes.Registered); // not before C has us

        _homes.HandleConnected(C.Id);
        _homes.HandleRegistered(C.Id, At(10));
        Assert.Equal(
            [
                new RelayDecision.Register(C, RelayPreference.Home), new RelayDecision.Register(A, RelayPreference.Secondary),
                new RelayDecision.Release(B),
            ],
            Decisions());
        Assert.Equal([C, A], _homes.Registered);
    }

    [Fact]
    public void When_the_second_is_much_nearer_they_change_places()
    {
        Settle();
        _homes.HandleLatency(A.Id, Ms(90), At(10));
        for (var i = 0; i < 3; i++) { _homes.HandleLatency(B.Id, Ms(20), At(10)); }

        Assert.Equal([new RelayDecision.Register(B, RelayPreference.Home), new RelayDecision.Register(A, RelayPreference.Secondary)], Decisions());
        Assert.Equal([B, A], _homes.Registered);
    }

    [Fact]
    public void When_the_nearer_relay_fails_the_home_stays()
    {
        Settle();
        _homes.HandleLatency(A.Id, Ms(90), At(10));
        for (var i = 0; i < 3; i++) { _homes.HandleLatency(C.Id, Ms(20), At(10)); }
        _homes.HandleFailed(C.Id, At(12));
        for (var i = 0; i < 3; i++) { _homes.HandleLatency(C.Id, Ms(20), At(12.5)); }

        Assert.Equal([new RelayDecision.Connect(C)], Decisions()); // once: it is not tried again before its wait is over
        Assert.Equal([A, B], _homes.Registered);
    }

    [Fact]
    public void A_draining_home_is_replaced_at_once_and_not_tried_before_it_stopped()
    {
        Settle();
        _homes.HandleDraining(A.Id, deadline: At(130), [], At(100));

        Assert.Equal([new RelayDecision.Register(B, RelayPreference.Home), new RelayDecision.Connect(C)], Decisions());
        _homes.HandleFailed(C.Id, At(101));
        _homes.HandleTimeout(At(129));
        Assert.DoesNotContain(new RelayDecision.Connect(A), Decisions());
    }

    [Fact]
    public void A_home_that_stops_says_where_to_go_and_it_is_gone_back_to_when_it_serves_again()
    {
        var homes = new RelayHomes([A], new(), new SeededRandomSource(3));
        Register(homes, TimeSpan.Zero, A);
        Assert.Equal([A], homes.Registered);

        homes.HandleDraining(A.Id, At(130), [B, C, A], At(100));
        Assert.Equal([new RelayDecision.Connect(B), new RelayDecision.Connect(C)], Taken(homes));
        Register(homes, At(101), B, C);
        Assert.Equal([B, C], homes.Registered);
        homes.HandleDraining(Relay(9).Id, At(130), [Relay(4)], At(102)); // who is no home of ours has no say
        Assert.Empty(Taken(homes));
        Assert.InRange(homes.Deadline!.Value, At(130), At(140));

        homes.HandleFailed(A.Id, At(130)); // as it said

        homes.HandleTimeout(At(140));
        Assert.Equal([new RelayDecision.Connect(A)], Taken(homes));
        Assert.Equal([B, C], homes.Registered); // until that one has us
        homes.HandleConnected(A.Id);
        homes.HandleRegistered(A.Id, At(141));

        Assert.Equal(A, homes.Registered[0]);
        Assert.Null(homes.Deadline);
        homes.SetRelays([A, B], At(150)); // what was suggested is configured now
        Assert.Equal([A, B], homes.Registered);
        homes.HandleFailed(B.Id, At(151));
        homes.HandleFailed(A.Id, At(151));
        Assert.DoesNotContain(new RelayDecision.Connect(C), Taken(homes));
    }

    [Fact]
    public void A_superseded_node_waits_a_minute_at_least_even_when_its_network_changes()
    {
        var homes = new RelayHomes([A], new(), new SeededRandomSource(3));
        homes.HandleTimeout(TimeSpan.Zero);
        homes.HandleConnected(A.Id);
        homes.HandleRegistered(A.Id, TimeSpan.Zero);
        while (homes.TryTakeDecision(out _)) { }

        homes.HandleSuperseded(A.Id, At(10));
        homes.HandleNetworkChanged(At(11));
        Assert.False(homes.TryTakeDecision(out _)); // the connection stays: sessions use it
        Assert.Empty(homes.Registered);
        Assert.InRange(homes.Deadline!.Value.TotalSeconds, 70, 100);

        homes.HandleTimeout(homes.Deadline.Value);
        Assert.True(homes.TryTakeDecision(out var decision));
        Assert.Equal(new RelayDecision.Register(A, RelayPreference.Home), decision);
    }

    [Fact]
    public void On_another_network_what_failed_is_tried_at_once()
    {
        _homes.HandleTimeout(TimeSpan.Zero);
        foreach (var relay in new[] { A, B, C }) { _homes.HandleFailed(relay.Id, At(1)); }
        Decisions();
        _homes.HandleNetworkChanged(At(1.1));

        Assert.Equal([new RelayDecision.Connect(A), new RelayDecision.Connect(B)], Decisions());
    }

    [Fact]
    public void A_refused_registration_moves_on_to_the_next_relay()
    {
        _homes.HandleTimeout(TimeSpan.Zero);
        _homes.HandleConnected(A.Id);
        Decisions();
        _homes.HandleRefused(A.Id, RelayRefusal.Policy, At(1));

        Assert.Equal([new RelayDecision.Release(A), new RelayDecision.Connect(C)], Decisions());
    }

    [Fact] // whatever happens, a node is where it says, wants what it lacks, and never asks for one thing twice
    public void Random_events_never_leave_a_node_without_a_relay_it_could_have()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var relays = Enumerable.Range(1, random.Next(1, 5)).Select(Relay).ToArray();
            var homes = new RelayHomes(relays, new(), new SeededRandomSource((ulong)seed));
            var links = new Dictionary<NodeId, string>(); // what the host does: connecting, connected
            var now = TimeSpan.Zero;
            for (var step = 0; step < 300; step++)
            {
                now += Ms(random.Next(0, 5000));
                if (homes.Deadline <= now) { homes.HandleTimeout(now); }
                Step(random, homes, relays, links, now);
                while (homes.TryTakeDecision(out var decision)) { Obey(decision, links, homes, now, seed); }
                Assert.Equal(homes.Registered.Count, homes.Registered.Distinct().Count());
            }
            // From now on all goes well, and what was asked is answered.
            foreach (var id in links.Where(link => link.Value == "connected").Select(link => link.Key)) { homes.HandleRegistered(id, now); }
            for (var step = 0; step < 20; step++)
            {
                foreach (var id in links.Where(link => link.Value == "connecting").Select(link => link.Key).ToArray()) { Connect(homes, links, id); }
                while (homes.TryTakeDecision(out var decision)) { Obey(decision, links, homes, now, seed, registers: true); }
                now += TimeSpan.FromSeconds(30);
                if (homes.Deadline <= now) { homes.HandleTimeout(now); }
            }
            Assert.True(homes.Registered.Count >= Math.Min(2, relays.Length) && homes.Registered.Count <= 2, $"seed {seed}: {homes.Registered.Count} of {relays.Length}");
            Assert.True(relays.Contains(homes.Registered[0]), $"seed {seed}: the home is one that was suggested");
        }
    }

    private static void Step(Random random, RelayHomes homes, RelayInfo[] relays, Dictionary<NodeId, string> links, TimeSpan now)
    {
        var relay = relays[random.Next(relays.Length)].Id;
        var state = links.GetValueOrDefault(relay, "");
        switch (random.Next(8))
        {
            case 0 when state == "connecting": Connect(homes, links, relay); break;
            case 1 when state.Length > 0:
                links.Remove(relay);
                homes.HandleFailed(relay, now);
                break;
            case 2 when state == "connected": homes.HandleRegistered(relay, now); break;
            case 3 when state == "connected": homes.HandleRefused(relay, (RelayRefusal)random.Next(1, 6), now); break;
            case 4 when state == "connected": homes.HandleDraining(relay, now + TimeSpan.FromSeconds(random.Next(30)), [.. Enumerable.Range(10, random.Next(6)).Select(Relay)], now); break;
            case 5 when state == "connected": homes.HandleSuperseded(relay, now); break;
            case 6: homes.HandleLatency(relay, Ms(random.Next(1, 300)), now); break;
            case 7 when random.Next(10) == 0: homes.HandleNetworkChanged(now); break;
        }
    }

    private static void Connect(RelayHomes homes, Dictionary<NodeId, string> links, NodeId relay)
    {
        links[relay] = "connected";
        homes.HandleConnected(relay);
    }

    private static void Obey(
        RelayDecision decision, Dictionary<NodeId, string> links, RelayHomes homes, TimeSpan now, int seed, bool registers = false)
    {
        switch (decision)
        {
            case RelayDecision.Connect connect: Assert.True(links.TryAdd(connect.Relay.Id, "connecting"), $"seed {seed}"); break;
            case RelayDecision.Register register:
                if (links.GetValueOrDefault(register.Relay.Id) == "connected" && registers) { homes.HandleRegistered(register.Relay.Id, now); }
                break;
            case RelayDecision.Release release when registers && links.Remove(release.Relay.Id): homes.HandleFailed(release.Relay.Id, now); break;
        }
    }

    private static RelayDecision[] Taken(RelayHomes homes)
    {
        var taken = new List<RelayDecision>();
        while (homes.TryTakeDecision(out var decision)) { taken.Add(decision); }
        return [.. taken];
    }

    private static void Register(RelayHomes homes, TimeSpan now, params RelayInfo[] relays)
    {
        homes.HandleTimeout(now);
        foreach (var relay in relays) { homes.HandleConnected(relay.Id); }
        foreach (var relay in relays) { homes.HandleRegistered(relay.Id, now); }
        Taken(homes);
    }

    private void Settle()
    {
        _homes.HandleTimeout(TimeSpan.Zero);
        foreach (var relay in new[] { A, B })
        {
            _homes.HandleConnected(relay.Id);
            _homes.HandleRegistered(relay.Id, TimeSpan.Zero);
        }
        Decisions();
    }

    private List<RelayDecision> Decisions()
    {
        _decisions.Clear();
        while (_homes.TryTakeDecision(out var decision)) { _decisions.Add(decision); }
        return _decisions;
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static RelayInfo Relay(int number) => new(RelaySamples.Id(100 + (ulong)number), [NetworkAddress.FromIpv4(0xC633_6400u + (uint)number, 443)]);
}
