using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Coco.Transport.Udp;

/// <summary>Asks for large socket buffers, as far as the system lets us.</summary>
internal static class SocketBuffers
{
    public static void Enlarge(Socket socket, int size)
    {
        if (OperatingSystem.IsLinux() && TryForce(socket, Libc.SoRcvBufForce, size) && TryForce(socket, Libc.SoSndBufForce, size))
        {
            return;
        }

        try
        {
            socket.ReceiveBufferSize = size;
            socket.SendBufferSize = size;
        }
        catch (SocketException)
        {
            // macOS refuses where Linux takes less; the default then stays.
        }
    }

    // The FORCE options go past net.core.rmem_max, for those who may.
    private static bool TryForce(Socket socket, int option, int size)
    {
        try
        {
            socket.SetRawSocketOption(Libc.SolSocket, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(ref size)));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
