using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Overlays;

/// <summary>nebula with ChaCha20-Poly1305 and its default MTU; right is the lighthouse.</summary>
internal sealed class NebulaOverlay : Overlay
{
    private const string LeftInside = "192.0.2.1", RightInside = "192.0.2.2";

    public override string Name => "nebula";

    protected override string[] Programs => ["nebula", "nebula-cert"];

    protected override OverlayTunnel Start(VethPair lab, string folder)
    {
        var make = PeerPrograms.Get("nebula-cert");
        lab.Left.Run(make, "ca", "-name", "bench", "-duration", "24h", "-out-crt", $"{folder}/ca.crt", "-out-key", $"{folder}/ca.key");
        var right = Start(lab.Right, folder, "right", RightInside, "static_host_map: {}\nlighthouse: {am_lighthouse: true}\n");
        var left = Start(lab.Left, folder, "left", LeftInside,
            $"static_host_map: {{\"{RightInside}\": [\"{lab.RightAddress}:4242\"]}}\nlighthouse: {{am_lighthouse: false, hosts: [\"{RightInside}\"]}}\n");
        return new(left, right, RightInside, folder);
    }

    private static LabProcess Start(NetNamespace space, string folder, string name, string inside, string hosts)
    {
        space.Run(PeerPrograms.Get("nebula-cert"), "sign", "-name", name, "-ip", $"{inside}/24", "-ca-crt", $"{folder}/ca.crt", "-ca-key", $"{folder}/ca.key",
            "-out-crt", $"{folder}/{name}.crt", "-out-key", $"{folder}/{name}.key");
        File.WriteAllText($"{folder}/{name}.yml", $$"""
            pki: {ca: {{folder}}/ca.crt, cert: {{folder}}/{{name}}.crt, key: {{folder}}/{{name}}.key}
            cipher: chachapoly
            {{hosts}}
            listen: {host: 0.0.0.0, port: 4242, read_buffer: 10485760, write_buffer: 10485760}
            tun: {dev: nebula0, mtu: 1300}
            firewall:
              outbound: [{port: any, proto: any, host: any}]
              inbound: [{port: any, proto: any, host: any}]
            """);
        var process = space.Start(PeerPrograms.Get("nebula"), "-config", $"{folder}/{name}.yml");
        process.WaitForLine("interface is active", Ends.Patience);
        return process;
    }
}
