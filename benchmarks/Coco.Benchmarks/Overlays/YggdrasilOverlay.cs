using System.Text.Json.Nodes;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Overlays;

/// <summary>yggdrasil, peering over TCP, with its defaults otherwise: packets of up to 53 kB inside, where the others have 1.3 to 1.4.</summary>
internal sealed class YggdrasilOverlay : Overlay
{
    private const string Port = "9101";

    public override string Name => "yggdrasil";

    protected override string[] Programs => ["yggdrasil"];

    protected override OverlayTunnel Start(VethPair lab, string folder)
    {
        var right = Start(lab.Right, $"{folder}/right.conf", [$"tcp://{lab.RightAddress}:{Port}"], []);
        var left = Start(lab.Left, $"{folder}/left.conf", [], [$"tcp://{lab.RightAddress}:{Port}"]);
        var address = lab.Right.Run(PeerPrograms.Get("yggdrasil"), "-useconffile", $"{folder}/right.conf", "-address").Trim();
        return new(left, right, address, folder);
    }

    private static LabProcess Start(NetNamespace space, string file, string[] listen, string[] peers)
    {
        var configuration = JsonNode.Parse(space.Run(PeerPrograms.Get("yggdrasil"), "-genconf", "-json"))!;
        configuration["Listen"] = new JsonArray([.. listen.Select(uri => JsonValue.Create(uri))]);
        configuration["Peers"] = new JsonArray([.. peers.Select(uri => JsonValue.Create(uri))]);
        configuration["MulticastInterfaces"] = new JsonArray();
        configuration["AdminListen"] = "none";
        File.WriteAllText(file, configuration.ToJsonString());
        var process = space.Start(PeerPrograms.Get("yggdrasil"), "-useconffile", file);
        process.WaitForLine("Your IPv6 subnet", Ends.Patience);
        return process;
    }
}
