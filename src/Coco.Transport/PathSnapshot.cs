using System.Net;

namespace Coco.Transport;

/// <summary>A path of a connection, as it was at one moment.</summary>
/// <param name="Type">What it is made of.</param>
/// <param name="RemoteEndPoint">The address at its other end: the peer's, the relay's, or that of the neighbour in the mesh.</param>
/// <param name="IsActive">Whether data goes there.</param>
/// <param name="RoundTripTime">The smoothed round trip; zero when not measured.</param>
/// <param name="BytesSent">Bytes of datagrams sent there.</param>
/// <param name="BytesReceived">Bytes of datagrams received from there.</param>
public sealed record PathSnapshot(
    PathType Type, IPEndPoint RemoteEndPoint, bool IsActive, TimeSpan RoundTripTime, long BytesSent, long BytesReceived)
{
    /// <summary>Whether the peer is on a network that this machine has an interface on, or on this machine.</summary>
    public bool IsOnLan { get; init; }

    /// <summary>Whether somebody stands between: a relay, or members of the mesh.</summary>
    public bool IsRelayed => Type is PathType.Relay or PathType.RelayWebSocket or PathType.Mesh;
}
