using System.Net.Sockets;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Telemetry;
using Coco.Transport;

namespace Coco.Tunnels;

/// <summary>
/// A socket and a stream, made one: what comes on either goes out on the other. An end of one is passed on as an end, so half of it may go on;
/// a reset as a reset. Neither is read faster than the other is written.
/// </summary>
internal sealed class Splice(Socket socket, ConnectionStream stream, TunnelCounters counters) : ITunnelPart
{
    private int _isAborted;

    /// <summary>How many bytes of the socket's go to the peer; what comes beyond is dropped.</summary>
    public long Room { get; init; } = long.MaxValue;

    public NodeId Peer => stream.Connection.PeerId;

    /// <summary>Why it ended, where it did not end well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Copies until both directions have ended, and closes both.</summary>
    /// <param name="begin">What comes before the peer's bytes, such as its answer; a failure of it is one of the splice.</param>
    public async Task RunAsync(Func<Task>? begin = null)
    {
        TunnelMetrics.Began(counters.IsServed);
        await Task.WhenAll(ToPeerAsync(), FromPeerAsync(begin)).ConfigureAwait(false);
        TunnelMetrics.Ended(counters.IsServed);
        // Another thread that cuts it off may be between the two.
        if (Volatile.Read(ref _isAborted) != 0) { CutOff(); }
        await stream.DisposeAsync().ConfigureAwait(false);
        socket.Dispose();
    }

    public void Abort()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) == 0) { CutOff(); }
    }

    /// <summary>Closes a socket so that the other side sees a reset, and not an end.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            // Unix sockets have none: who reads there sees an end, who writes that nobody reads.
            if (socket.AddressFamily is not AddressFamily.Unix) { socket.LingerState = new(true, 0); }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is over already.
        }
        socket.Close(0);
    }

    private void CutOff()
    {
        stream.Abort((ulong)WireError.TunnelReset);
        Reset(socket);
    }

    private async Task ToPeerAsync()
    {
        using var buffer = new CopyBuffer();
        var room = Room;
        try
        {
            while (true)
            {
                var count = await socket.ReceiveAsync(buffer.Memory, SocketFlags.None).ConfigureAwait(false);
                if (count == 0) { break; }
                count = (int)Math.Min(count, room);
                room -= count;
                counters.AddToPeer(count);
                await stream.WriteAsync(buffer.Memory[..count]).ConfigureAwait(false);
                buffer.Fit(count);
            }
            await stream.CompleteWritesAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOver(exception))
        {
            Fail(exception);
        }
    }

    private async Task FromPeerAsync(Func<Task>? begin)
    {
        using var buffer = new CopyBuffer();
        try
        {
            if (begin is not null) { await begin().ConfigureAwait(false); }
            while (true)
            {
                var count = await stream.ReadAsync(buffer.Memory).ConfigureAwait(false);
                if (count == 0) { break; }
                counters.AddFromPeer(count);
                for (var sent = 0; sent < count;) { sent += await socket.SendAsync(buffer.Memory[sent..count], SocketFlags.None).ConfigureAwait(false); }
                buffer.Fit(count);
            }
            // A stream that is given up here may look like one that has ended.
            if (Volatile.Read(ref _isAborted) == 0) { socket.Shutdown(SocketShutdown.Send); }
        }
        catch (Exception exception) when (IsOver(exception))
        {
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        if (Volatile.Read(ref _isAborted) == 0) { Failure ??= exception; }
        Abort();
    }

    private static bool IsOver(Exception exception) =>
        exception is SocketException or TransportException or CocoException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;
}
