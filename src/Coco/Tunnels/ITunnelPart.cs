using Coco.Crypto;

namespace Coco.Tunnels;

/// <summary>Something of a tunnel that is under way and can be cut off.</summary>
internal interface ITunnelPart
{
    /// <summary>With whom; nobody where that is not known yet.</summary>
    public NodeId Peer { get; }

    /// <summary>Ends it at once; both ends see a reset where they can. Twice is safe.</summary>
    public void Abort();
}
