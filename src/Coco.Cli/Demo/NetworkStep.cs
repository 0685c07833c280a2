using System.Diagnostics;
using Coco.Cli.Api;

namespace Coco.Cli.Demo;

/// <summary>A network is founded on hub, and alice and bob join it by ticket.</summary>
internal static class NetworkStep
{
    // Guests may do nothing to one another until the network says so.
    private const string Policy = "coco policy 1\nallow service web from anyone\nallow publish demo/# from anyone\nallow subscribe demo/# from anyone\n";

    public static async Task RunAsync(DemoStage stage, CancellationToken stopping)
    {
        var (tale, hub) = (stage.Tale, stage.Hub);
        tale.Heading("network", "A network, and two who join it");
        foreach (var line in stage.Ground.Map) { tale.Say(line); }
        tale.Say("");
        var begin = Stopwatch.GetTimestamp();
        await tale.DuringAsync("Starting the daemons", StartAsync(stage, stopping));
        tale.Found($"three daemons are up, after {Took(begin)}");

        tale.Command(hub, $"coco net create {DemoStage.Network} --node-name hub");
        begin = Stopwatch.GetTimestamp();
        await tale.DuringAsync("Founding the network", hub.RunAsync(["net", "create", DemoStage.Network, "--node-name", "hub"], stopping));
        tale.Found($"founded in {Took(begin)}; hub owns it");

        var file = stage.Folder.PathOf("demo.policy");
        await File.WriteAllTextAsync(file, Policy, stopping);
        tale.Command(hub, "coco policy set demo.policy   # lets members use bob's web server, and topics under demo/");
        await hub.RunAsync(["policy", "set", file], stopping);

        foreach (var member in (DemoMember[])[stage.Alice, stage.Bob])
        {
            tale.Command(hub, "coco invite --no-qr");
            var ticket = await hub.AskAsync<TicketView>(["invite"], stopping);
            tale.Command(member, $"coco join {ticket.Ticket[..12]}… --node-name {member.Name}");
            begin = Stopwatch.GetTimestamp();
            await tale.DuringAsync($"{member.Name} joins", member.AskAsync<NetworkView>(["join", ticket.Ticket, "--node-name", member.Name], stopping));
            tale.Found($"{member.Name} is in, {Took(begin)} after the command");
            tale.Figure($"{member.Name} joins by ticket", Stopwatch.GetElapsedTime(begin).TotalMilliseconds, "ms", Took(begin));
        }
        begin = Stopwatch.GetTimestamp();
        await tale.DuringAsync("Waiting until alice sees bob", stage.PingUntilAsync(static ping => ping.RoundTripMs is not null, "alice did not reach bob", stopping));
        tale.Found($"alice reaches bob, {Took(begin)} later");
    }

    private static async Task StartAsync(DemoStage stage, CancellationToken stopping)
    {
        if (stage.Ground.HasRouters)
        {
            Directory.CreateDirectory(stage.Hub.Home);
            var (_, relay) = await stage.Hub.StartAsync(["relay", "--listen", "198.51.100.10:4401"], stopping);
            stage.RelayOptions = ["--relay", relay];
        }
        await Task.WhenAll(stage.Members.Select(member => member.UpAsync(stage.RelayOptions, stopping)));
    }

    private static string Took(long begin) => DemoTale.Time(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
}
