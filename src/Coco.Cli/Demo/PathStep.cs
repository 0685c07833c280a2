using Coco.Cli.Api;

namespace Coco.Cli.Demo;

/// <summary>How alice reaches bob, and how long that way is.</summary>
internal static class PathStep
{
    private const int Pings = 10;

    public static async Task RunAsync(DemoStage stage, CancellationToken stopping)
    {
        var tale = stage.Tale;
        tale.Heading("path", stage.Ground.HasRouters ? "How alice reaches bob, though neither router lets strangers in" : "How alice reaches bob");
        var ways = new List<string>();
        var first = await tale.DuringAsync("Looking for the direct way", stage.PingUntilAsync(
            ping =>
            {
                if (ping.Path is { } path && (ways.Count == 0 || ways[^1] != path)) { ways.Add(path); }
                return ping is { Path: "udp", RoundTripMs: not null };
            },
            "no direct way between alice and bob was found", stopping));
        if (stage.Ground.HasRouters)
        {
            tale.Say("Hub's relay introduced them: it told each the address under which the other's router shows it.");
            tale.Say("Both then sent at once, so that each router took what came for an answer (\"hole punching\").");
        }
        var times = new List<double>();
        tale.Command(stage.Alice, $"coco ping bob --count {Pings}");
        await foreach (var ping in stage.Alice.Daemon.LinesAsync<PingWish, PingView>("/v1/ping", new("bob", Pings, 50), stopping))
        {
            if (ping.RoundTripMs is { } time) { times.Add(time); }
            first = ping.Path == "udp" ? ping : first;
        }
        DemoTale.Require(times.Count == Pings, $"only {times.Count} of {Pings} pings were answered");
        times.Sort();
        var way = ways.Count > 1 ? $"{string.Join(", then ", ways.Select(Words))}" : $"{Words(ways[0])}, from the first ping on";
        tale.Found($"{way}: to {first.Address}, {DemoTale.Time(times[Pings / 2])} there and back (middle of {Pings})");
        if (first.Why is { } why) { tale.Say($"    bob, as alice's daemon puts it: {why}"); }
        tale.Figure("Round trip alice – bob, direct", times[Pings / 2], "ms", DemoTale.Time(times[Pings / 2]));
    }

    public static string Words(string path) => path switch
    {
        "udp" => "direct over UDP",
        "tcp" => "direct over TCP",
        "mesh" => "through hub's node",
        _ => "through hub's relay",
    };
}
