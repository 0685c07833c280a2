using System.Diagnostics;
using Coco.Cli.Api;

namespace Coco.Cli.Demo;

/// <summary>A network is founded on hub, and alice and bob join it by ticket.</summary>
internal static class NetworkStep
{
    private const string Relay = "198.51.100.10:4401";

    // Guests may do nothing to one another until the network says so.
    private const string Policy = "coco policy 1\nallow service web from anyone\nallow publish demo/# from anyone\nallow subscribe demo/# from anyone\n";

    public static async Task RunAsync(DemoStage stage, CancellationToken stopping)
    {
        var (tale, hub) = (stage.Tale, stage.Hub);
        tale.Heading("network", "A network, and two who join it");
        foreach (var line in stage.Ground.Map) { tale.Say(line); }
        tale.Say("");
        var control = stage.Ground.HasRouters ? await StartRelayAsync(stage, stopping) : null;
        var begin = Stopwatch.GetTimestamp();
        await tale.DuringAsync("Starting the daemons", Task.WhenAll(stage.Members.Select(member => member.UpAsync(stage.RelayOptions, stopping))));
        tale.Found($"three daemons are up, after {Took(begin)}");

        tale.Command(hub, $"coco net create {DemoStage.Network} --node-name hub");
        begin = Stopwatch.GetTimestamp();
        await tale.DuringAsync("Founding the network", hub.RunAsync(["net", "create", DemoStage.Network, "--node-name", "hub"], stopping));
        tale.Found($"founded in {Took(begin)}; hub owns it");

        if (control is not null) { await ListAsync(stage, control, stopping); }
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
        if (control is not null)
        {
            // Hub tells of them by itself, some moments after it has a home at the relay: what it has not told of yet is brought now.
            tale.Command(hub, $"coco net control register {control}   # for whom hub has not told of by itself yet");
            var brought = await hub.AskAsync<RegistrationView>(["net", "control", "register", control], stopping);
            DemoTale.Require(brought is { IsNew: false, Nodes: <= 2 }, $"the control plane was brought {brought.Nodes} nodes, more than alice and bob");
            var left = await hub.AskAsync<RegistrationView>(["net", "control", "register", control], stopping);
            DemoTale.Require(left.Nodes == 0, "the control plane has not kept alice and bob");
        }
        begin = Stopwatch.GetTimestamp();
        await tale.DuringAsync("Waiting until alice sees bob", stage.PingUntilAsync(static ping => ping.RoundTripMs is not null, "alice did not reach bob", stopping));
        tale.Found($"alice reaches bob, {Took(begin)} later");
    }

    // Where the control plane's API is, for hub; null where there is a relay alone, which nodes are told of when they start.
    private static async Task<string?> StartRelayAsync(DemoStage stage, CancellationToken stopping)
    {
        var (tale, hub) = (stage.Tale, stage.Hub);
        Directory.CreateDirectory(hub.Home);
        if (!stage.HasControlPlane)
        {
            stage.RelayOptions = ["--relay", (await hub.StartAsync(["relay", "--listen", Relay], stopping)).Line];
            return null;
        }
        tale.Command(hub, $"coco control serve --Relaying:Listen:0 {Relay} --DataDirectory control");
        var begin = Stopwatch.GetTimestamp();
        var control = await tale.DuringAsync("Starting the control plane", hub.ServeControlPlaneAsync(Relay, stopping));
        tale.Found($"a control plane of the demo's own serves, and hub has a token there, after {Took(begin)}");
        tale.Figure("Control plane, until it serves and hub has a token", Stopwatch.GetElapsedTime(begin).TotalMilliseconds, "ms", Took(begin));
        tale.Add("It is no member of the network and will have no key of it: its relay introduces nodes to each other, and carries, encrypted, what has no direct way.");
        return control;
    }

    private static async Task ListAsync(DemoStage stage, string control, CancellationToken stopping)
    {
        var (tale, hub) = (stage.Tale, stage.Hub);
        tale.Command(hub, $"coco net control register {control}");
        var begin = Stopwatch.GetTimestamp();
        var brought = await hub.AskAsync<RegistrationView>(["net", "control", "register", control], stopping);
        DemoTale.Require(brought is { IsNew: true, Nodes: 1 }, "the network is not at the control plane");
        tale.Command(hub, $"coco net control add {control}");
        var listed = await hub.AskAsync<ControlPlaneList>(["net", "control", "add", control], stopping);
        DemoTale.Require(listed.ControlPlanes is [{ Addresses: [Relay] }], "the network does not list the control plane");
        tale.Found($"the network is there, and tells its members so, after {Took(begin)}; nobody is told of a relay by hand");
    }

    private static string Took(long begin) => DemoTale.Time(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
}
