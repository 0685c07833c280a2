using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Overlays;

/// <summary>A program that carries IP packets encrypted between two hosts. Debian's versions, as a user would set them up.</summary>
internal abstract class Overlay
{
    public abstract string Name { get; }

    protected abstract string[] Programs { get; }

    /// <summary>Why it cannot run here, or null.</summary>
    public string? ReasonMissing => PeerPrograms.ReasonWithout(Programs) ?? (File.Exists("/dev/net/tun") ? null : "there is no /dev/net/tun");

    /// <summary>Starts it on both ends, and waits until packets get through.</summary>
    public OverlayTunnel Open(VethPair lab)
    {
        var folder = Directory.CreateTempSubdirectory("coco-bench").FullName;
        OverlayTunnel? tunnel = null;
        try
        {
            tunnel = Start(lab, folder);
            tunnel.WaitUntilUp(lab);
            return tunnel;
        }
        catch
        {
            if (tunnel is not null) { tunnel.Dispose(); }
            else { Directory.Delete(folder, recursive: true); }
            throw;
        }
    }

    protected abstract OverlayTunnel Start(VethPair lab, string folder);
}
