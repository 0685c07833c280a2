using System.Buffers;
using System.Threading.Channels;
using Coco.Transport;

namespace Coco.Hosting;

/// <summary>Frames in both directions of one stream: those to send in a queue, those that came cut where they end.</summary>
internal sealed class FrameStream(ConnectionStream stream)
{
    // Chosen: what a neighbour may fall behind. Statements of a whole network fit; a peer that reads nothing is let go.
    private const int MaxQueued = 4096;
    private const int MaxQueuedBytes = 16 << 20;

    // Chosen: some packets full. A stream takes more at once, but what is longer needs no gathering.
    private const int MaxTogether = 8 << 10;

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
                    if (!_queue.Reader.TryPeek(out var next) || frames.Length + next.Length > MaxTogether) { await stream.WriteAsync(frames).ConfigureAwait(false); }
                    else { await WriteTogetherAsync(frames).ConfigureAwait(false); }
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

    // What waits goes in as few packets as it fits into: each costs both ends more than its bytes, and is acknowledged.
    private async Task WriteTogetherAsync(ReadOnlyMemory<byte> first)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxTogether);
        try
        {
            first.CopyTo(buffer);
            var length = first.Length;
            while (_queue.Reader.TryPeek(out var next) && length + next.Length <= MaxTogether && _queue.Reader.TryRead(out next))
            {
                Interlocked.Add(ref _queuedBytes, -next.Length);
                next.CopyTo(buffer.AsMemory(length));
                length += next.Length;
            }
            await stream.WriteAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Hands on whole frames until the stream ends (<see cref="FrameCutter"/>). False where what came is no frame.</summary>
    public Task<bool> ReadAsync(Func<ReadOnlyMemory<byte>, ValueTask> handle) => FrameCutter.ReadAsync(stream, handle);
}
