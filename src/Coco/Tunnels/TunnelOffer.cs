namespace Coco.Tunnels;

/// <summary>A service that a node offers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsDatagrams">Whether it is reached by datagrams (UDP), and not by streams (TCP, Unix sockets, RTSP).</param>
public sealed record TunnelOffer(string Name, bool IsDatagrams)
{
    /// <summary>Whether it is an RTSP server, whose media come as datagrams too (<see cref="TunnelKind.Rtsp"/>).</summary>
    public bool IsRtsp { get; init; }
}
