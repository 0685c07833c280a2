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
internal class Splice(Socket socket, ConnectionStream stream, TunnelCounters counters) : ITunnelPart
{
    private int _isAborted;

    /// <summary>The program's or the target's.</summary>
    protected Socket Socket => socket;

    /// <summary>The peer's.</summary>
    protected ConnectionStream Stream => stream;

    protected TunnelCounters Counters => counters;

    protected bool IsAborted => Volatile.Read(ref _isAborted) != 0;

    /// <summary>How many bytes of the socket's go to the peer; what comes beyond is dropped.</summary>
    public long Room { get; init; } = long.MaxValue;

    public NodeId Peer => stream.Connection.PeerId;

    /// <summary>Why it ended, where it did not end well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Copies until both directions have ended, and closes both.</summary>
    /// <param name="begin">What comes before the peer's bytes, such as its answer; a failure of it is one of the splice.</param>
    public virtual async Task RunAsync(Func<Task>? begin = null)
    {
        TunnelMetrics.Began(counters.IsServed);
        await Task.WhenAll(ToPeerAsync(), FromPeerAsync(begin)).ConfigureAwait(false);
        TunnelMetrics.Ended(counters.IsServed);
        // Another thread that cuts it off may be between the two.
        if (IsAborted) { CutOff(); }
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

    // The next bytes are asked for while those before are written: a request whose write is over by then costs no thread that learns of it.
    protected virtual async Task ToPeerAsync()
    {
        using CopyBuffer one = new(), other = new();
        var (filling, leaving) = (one, other);
        var (room, left) = (Room, 0);
        var writing = default(ValueTask);
        stream.WritesFailed = Fail;
        try
        {
            while (true)
            {
                var count = await socket.ReceiveAsync(filling.Memory, SocketFlags.None).ConfigureAwait(false);
                await TakeWrite().ConfigureAwait(false);
                if (count == 0) { break; }
                leaving.Fit(left);
                left = (int)Math.Min(count, room);
                room -= left;
                counters.AddToPeer(left);
                writing = stream.WriteAsync(filling.Memory[..left]);
                (filling, leaving) = (leaving, filling);
            }
            await stream.CompleteWritesAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOver(exception))
        {
            Fail(exception);
            await TakeWrite().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it has its buffer until it is over
        }

        ValueTask TakeWrite()
        {
            var taken = writing;
            writing = default;
            return taken;
        }
    }

    protected virtual async Task FromPeerAsync(Func<Task>? begin)
    {
        using var buffer = new CopyBuffer();
        try
        {
            if (begin is not null) { await begin().ConfigureAwait(false); }
            // From here on the copying is the endpoint's own thread's: sockets are tried before they are waited for, so that no call of it blocks, and a change of
            // thread costs more than a copy does.
            stream.InlineLength = int.MaxValue;
            while (true)
            {
                var count = await stream.ReadAsync(buffer.Memory).ConfigureAwait(false);
                if (count == 0) { break; }
                counters.AddFromPeer(count);
                for (var sent = 0; sent < count;) { sent += await socket.SendAsync(buffer.Memory[sent..count], SocketFlags.None).ConfigureAwait(false); }
                buffer.Fit(count);
            }
            // A stream that is given up here may look like one that has ended.
            if (!IsAborted) { socket.Shutdown(SocketShutdown.Send); }
        }
        catch (Exception exception) when (IsOver(exception))
        {
            Fail(exception);
        }
    }

    /// <summary>Ends it, because of this.</summary>
    protected void Fail(Exception exception)
    {
        if (!IsAborted) { Failure ??= exception; }
        Abort();
    }

    /// <summary>Whether an exception says that a side is gone.</summary>
    protected static bool IsOver(Exception exception) =>
        exception is SocketException or TransportException or CocoException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;
}
