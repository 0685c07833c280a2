using Coco.Lab.Nat;
using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

public sealed class DeterminismTests
{
    [Fact]
    public void Same_seed_is_the_same_run_and_another_seed_is_another()
    {
        var runs = new ulong[] { 1, 2, 1, 2 }.Select(Run).ToArray();
        Assert.Equal(runs[0], runs[2]);
        Assert.Equal(runs[1], runs[3]);
        Assert.NotEqual(runs[0], runs[1]);
    }

    // 1,000 hosts behind 250 carriers, each behind a NAT of its own as well: about 40,000 questions and as many answers.
    [Fact]
    public void Thousand_hosts_keep_their_mappings_alive_for_ten_minutes()
    {
        var internet = new SimulatedInternet(1);
        var hosts = AddKeepAlives(internet, homesOfCarrier: 4);
        internet.RunFor(TimeSpan.FromMinutes(10));
        Assert.Equal(1000, hosts.Count);
        Assert.All(hosts, host => Assert.InRange(host.Answers, 39, 40));
        // A few are under way.
        Assert.InRange(internet.Trace.Count(TraceVerb.Sent) - internet.Trace.Count(TraceVerb.Delivered), 0, 10);
    }

    private static (ulong Hash, long Events) Run(ulong seed)
    {
        var internet = new SimulatedInternet(seed);
        AddKeepAlives(internet, homesOfCarrier: 1, options => options with { Loss = 0.1, LossRun = 3, Jitter = TimeSpan.FromMilliseconds(5), Reorder = 0.1, Duplicate = 0.1 });
        internet.RunFor(TimeSpan.FromMinutes(1));
        return (internet.Trace.Hash, internet.Events);
    }

    private static List<KeepAliveProgram> AddKeepAlives(SimulatedInternet internet, int homesOfCarrier, Func<CableOptions, CableOptions>? change = null)
    {
        const int Carriers = 250;
        var server = SimulatedInternet.Address("198.51.100.10:3478");
        _ = new SimulatedNode(internet.AddHost("server", "198.51.100.10"), new ObserverProgram(), new() { UdpPort = 3478 }).Start();
        var programs = new List<KeepAliveProgram>();
        for (var carrier = 0; carrier < Carriers; carrier++)
        {
            var kind = NatMatrix.Kinds[2 + (carrier % 5)];
            var outer = internet.AddRouter($"carrier {carrier}", SimulatedHome.OptionsOf(kind), $"203.0.113.{carrier + 1}");
            for (var home = 0; home < homesOfCarrier; home++)
            {
                var router = internet.AddRouter($"home {carrier}.{home}", new(), outer.Inside, $"10.64.0.{home + 1}");
                var host = internet.AddHost($"host {carrier}.{home}");
                host.Attach(router.Inside, "192.168.1.10");
                if (change is not null) { host.Interfaces[0].Cable.Change(change); }
                var program = new KeepAliveProgram(server, TimeSpan.FromMilliseconds(internet.Random.Next(15_000)));
                _ = new SimulatedNode(host, program).Start();
                programs.Add(program);
            }
        }
        return programs;
    }
}
