using System.Net.Sockets;

namespace Coco.Tunnels;

/// <summary>A socket of a local end's, from when it was taken until it is over: closing it wakes whoever waits on it.</summary>
internal sealed class WaitingSocket(Socket socket) : ITunnelPart
{
    public void Abort() => Splice.Reset(socket);
}
