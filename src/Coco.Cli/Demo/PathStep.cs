using System.Text.Json;
using Coco.Cli.Api;

namespace Coco.Cli.Demo;

/// <summary>How alice reaches bob, and how long that way is.</summary>
internal static class PathStep
{
    private const int Pings = 10;
    private const int MaxLines = 8;

    // Events of Coco.Transport's log.
    private const int OuterAddress = 1141;
    private const int MovedToPath = 1102;

    public static async Task RunAsync(DemoStage stage, CancellationToken stopping)
    {
        var tale = stage.Tale;
        tale.Heading("path", stage.Ground.HasRouters ? "How alice reaches bob, though neither router lets strangers in" : "How alice reaches bob");
        var direct = await tale.DuringAsync("Looking for the direct way", stage.PingUntilAsync(
            static ping => ping is { Path: "udp", RoundTripMs: not null }, "no direct way between alice and bob was found", stopping));
        if (stage.Ground.HasRouters)
        {
            tale.Say("Hub's relay introduces them, and carries what they say until there is a direct way. To find one, both send at once, so that each router takes what comes for an answer (\"hole punching\").");
        }
        var times = new List<double>();
        tale.Command(stage.Alice, $"coco ping bob --count {Pings}");
        await foreach (var ping in stage.Alice.Daemon.LinesAsync<PingWish, PingView>("/v1/ping", new("bob", Pings, 50), stopping))
        {
            if (ping.RoundTripMs is { } time) { times.Add(time); }
            direct = ping.Path == "udp" ? ping : direct;
        }
        DemoTale.Require(times.Count == Pings, $"only {times.Count} of {Pings} pings were answered");
        times.Sort();
        var ways = stage.Ways.Count > 1 ? string.Join(", then ", stage.Ways.Select(Words)) : $"{Words(stage.Ways[0])}, from the first ping on";
        tale.Found($"{ways}: {DemoTale.Time(times[Pings / 2])} there and back (middle of {Pings})");
        tale.Add($"She sends to {direct.Address}{(stage.Ground.HasRouters ? ", which is a port of bob's router" : "")}. Her daemon: \"{direct.Why}\"");
        if (stage.Ground.HasRouters) { await TellOfLogAsync(stage, direct.Id, stopping); }
        tale.Figure("Round trip alice – bob, direct", times[Pings / 2], "ms", DemoTale.Time(times[Pings / 2]));
    }

    private static async Task TellOfLogAsync(DemoStage stage, string bob, CancellationToken stopping)
    {
        stage.Tale.Command(stage.Alice, "coco logs   # how it was found");
        var lines = (await stage.Alice.RunAsync(["logs", "--lines", "200", "--json"], stopping)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonSerializer.Deserialize(line, ApiJson.Default.LogLine)!);
        foreach (var line in lines.Where(line => line.Id is OuterAddress or MovedToPath || line.Message.Contains(bob, StringComparison.Ordinal)).Take(MaxLines))
        {
            stage.Tale.Add($"{line.Time[11..23]}  {line.Message.Replace(bob, "bob", StringComparison.Ordinal)}");
        }
    }

    public static string Words(string path) => path switch
    {
        "udp" => "direct over UDP",
        "tcp" => "direct over TCP",
        "mesh" => "through hub's node",
        _ => "through hub's relay",
    };
}
