using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Overlays;

/// <summary>WireGuard in user space, by its own Go program; Debian's of 2022 has no segmentation offload yet.</summary>
internal sealed class WireGuardOverlay : Overlay
{
    private const string LeftInside = "192.0.2.1", RightInside = "192.0.2.2", Port = "51820";

    // The socket by which wg speaks to it is named after the device, for the whole machine.
    private static readonly string LeftDevice = $"wl{Environment.ProcessId}", RightDevice = $"wr{Environment.ProcessId}";

    public override string Name => "wireguard-go";

    protected override string[] Programs => ["wireguard-go", "wg"];

    protected override OverlayTunnel Start(VethPair lab, string folder)
    {
        var leftKey = MakeKey(lab.Left, folder, "left");
        var rightKey = MakeKey(lab.Right, folder, "right");
        var right = Start(lab.Right, folder, "right", RightDevice, RightInside, leftKey, LeftInside, $"{lab.LeftAddress}");
        var left = Start(lab.Left, folder, "left", LeftDevice, LeftInside, rightKey, RightInside, $"{lab.RightAddress}");
        return new(left, right, RightInside, folder);
    }

    private static string MakeKey(NetNamespace space, string folder, string name)
    {
        var key = space.Run(PeerPrograms.Get("wg"), "genkey").Trim();
        File.WriteAllText($"{folder}/{name}.key", key);
        return space.RunWithInput(key, PeerPrograms.Get("wg"), ["pubkey"]).Trim();
    }

    private static LabProcess Start(NetNamespace space, string folder, string name, string device, string inside, string peer, string peerInside, string peerOutside)
    {
        var socket = $"/var/run/wireguard/{device}.sock";
        if (File.Exists(socket)) { File.Delete(socket); } // one that an earlier round was ended without removing would pass for ready; the first makes the folder
        var process = space.Start(PeerPrograms.Get("wireguard-go"), "-f", device);
        for (var tries = 0; !File.Exists(socket); tries++)
        {
            if (tries == 500 || process.HasExited) { throw new InvalidOperationException($"wireguard-go does not start: {process.Output}"); }
            Thread.Sleep(10);
        }
        space.Run(PeerPrograms.Get("wg"), "set", device, "listen-port", Port, "private-key", $"{folder}/{name}.key",
            "peer", peer, "allowed-ips", $"{peerInside}/32", "endpoint", $"{peerOutside}:{Port}");
        space.Ip($"addr add {inside}/24 dev {device}\nlink set {device} mtu 1420 up\n");
        return process;
    }
}
