using System.Buffers;
using System.Threading.Channels;
using Coco.Cluster.Mesh;
using Coco.Transport;

namespace Coco.Hosting;

/// <summary>Frames in both directions of one stream: those to send in a queue, those that came cut where they end.</summary>
internal sealed class FrameStream(ConnectionStream stream)
{
    // Chosen: what a neighbour may fall behind. Statements of a whole network fit; a peer that reads nothing is let go.
    private const int MaxQueued = 4096;
    private const int MaxQueuedBytes = 16 << 20;
    private const int ReadSize = 16 << 10;

    private readonly Channel<ReadOnlyMemory<byte>> _queue = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _queuedBytes;

    /// <summary>Completes when everything is written that was queued before <see cref="Complete"/>, or the stream is over.</summary>
    public Task Written => _written.Task;

    /// <summary>Queues frames. False when the peer takes none for too long.</summary>
    public bool TrySend(ReadOnlyMemory<byte> frames) =>
        Interlocked.Add(ref _queuedBytes, frames.Length) <= MaxQueuedBytes && _queue.Writer.TryWrite(frames);

    /// <summary>What is queued is still sent, and then the end.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Sends what is queued until <see cref="Complete"/> or the end of the stream.</summary>
    public async Task WriteAsync()
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                while (_queue.Reader.TryRead(out var frames))
                {
                    Interlocked.Add(ref _queuedBytes, -frames.Length);
                    await stream.WriteAsync(frames).ConfigureAwait(false);
                }
            }
            await stream.CompleteWritesAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TransportException or ObjectDisposedException or InvalidOperationException)
        {
            _queue.Writer.TryComplete(); // the stream is over, which whoever reads from it reports
        }
        finally
        {
            _written.TrySetResult();
        }
    }

    /// <summary>Hands on whole frames, several at a time, until the stream ends. False where what came is no frame.</summary>
    /// <param name="handle">Takes the frames, and returns when it has room for more; they are valid until then.</param>
    public async Task<bool> ReadAsync(Func<ReadOnlyMemory<byte>, ValueTask> handle)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            var filled = 0;
            while (true)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(filled)).ConfigureAwait(false);
                if (read == 0) { return filled == 0; }
                filled += read;
                if (!TryCut(buffer.AsSpan(0, filled), out var whole, out var next)) { return false; }
                if (whole > 0)
                {
                    await handle(buffer.AsMemory(0, whole)).ConfigureAwait(false);
                    buffer.AsSpan(whole, filled - whole).CopyTo(buffer);
                    filled -= whole;
                }
                if (Math.Max(next, filled + 1) > buffer.Length) { buffer = Grow(buffer, filled, Math.Max(next, filled + ReadSize)); }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Whole: bytes of whole frames; next: bytes the frame behind them has, 0 while that is not known.
    private static bool TryCut(ReadOnlySpan<byte> bytes, out int whole, out int next)
    {
        (whole, next) = (0, 0);
        while (whole < bytes.Length)
        {
            next = MeshNode.FrameLength(bytes[whole..]);
            if (next < 0) { return false; }
            if (next == 0 || next > bytes.Length - whole) { return true; }
            whole += next;
            next = 0;
        }
        return true;
    }

    private static byte[] Grow(byte[] buffer, int filled, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
