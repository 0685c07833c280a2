using Coco.Lab;

namespace Coco.Benchmarks.Tunnels;

/// <summary>Something by which a program on the left reaches a web server on the right.</summary>
internal interface ITunnelPeer
{
    public string Name { get; }

    /// <summary>Why it cannot run here, or null.</summary>
    public string? ReasonMissing => null;

    /// <summary>Sets it up, so that the server at this port of right's is reached.</summary>
    public IOpenTunnel Open(VethPair lab, int serverPort);
}
