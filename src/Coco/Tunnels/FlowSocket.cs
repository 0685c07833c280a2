using System.Buffers;
using System.Net.Sockets;

namespace Coco.Tunnels;

/// <summary>A connected UDP socket whose datagrams are a flow's.</summary>
internal static class FlowSocket
{
    /// <summary>Sends what comes to the peer, until the socket is closed or fails.</summary>
    public static async Task ReceiveAsync(Socket socket, DatagramFlow flow, TunnelCounters counters)
    {
        while (true)
        {
            try
            {
                // No buffer is held while nothing comes: there may be a thousand flows, and a datagram may have 64 KiB.
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek).ConfigureAwait(false);
                PassOn(socket, flow);
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.MessageSize)
            {
                counters.AddLost(); // nobody listened when something was sent there (ICMP); that may change
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    // All that has come, without waiting.
    private static void PassOn(Socket socket, DatagramFlow flow)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FlowHeader.MaxLength + ushort.MaxValue);
        try
        {
            while (true)
            {
                var length = socket.Receive(buffer.AsSpan(FlowHeader.MaxLength), SocketFlags.None, out var error);
                if (error is SocketError.WouldBlock) { return; }
                if (error is not SocketError.Success) { throw new SocketException((int)error); }
                flow.Send(buffer, FlowHeader.MaxLength, length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
