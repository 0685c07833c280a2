using System.Buffers;
using Coco.Topics.Core;

namespace Coco.Topics;

/// <content>What comes on streams, handed to the exchange.</content>
public sealed partial class NodeTopics
{
    // Chosen: an idle link holds little; a busy one is read in large pieces. What is no longer than the first is handled where it was received.
    private const int SmallRead = 4 << 10;
    private const int LargeRead = 128 << 10;

    private async Task<bool> ReadAsync(TopicStream stream)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SmallRead);
        var filled = 0;
        try
        {
            while (true)
            {
                var read = await stream.Stream.ReadAsync(buffer.AsMemory(filled)).ConfigureAwait(false);
                if (read == 0) { return true; }
                filled += read;
                var isFull = filled == buffer.Length;
                if (!TryHandleAtOnce(stream, buffer.AsSpan(0, filled), out var isWellFormed, out var taken))
                {
                    await ToPool();
                    isWellFormed = TryHandle(stream, buffer.AsSpan(0, filled), out taken);
                }
                if (!isWellFormed) { return false; }
                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
                if (isFull) { buffer = Grow(buffer, filled); }
                else if (filled == 0 && buffer.Length > SmallRead && read < buffer.Length / 64) { buffer = Shrink(buffer); }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // On the endpoint's own thread only what takes microseconds, and what waits for nobody: it serves all connections of the process.
    private bool TryHandleAtOnce(TopicStream stream, ReadOnlySpan<byte> bytes, out bool isWellFormed, out int taken)
    {
        if (!stream.Stream.IsOnLoop)
        {
            isWellFormed = TryHandle(stream, bytes, out taken);
            return true;
        }
        (isWellFormed, taken) = (true, 0);
        if (bytes.Length > SmallRead || !TopicWire.AreMessages(bytes) || !IsUpToDate || !_lock.TryEnter()) { return false; }
        try
        {
            isWellFormed = TryHandle(stream, bytes, out taken);
        }
        finally
        {
            _lock.Exit();
        }
        return true;
    }

    private bool TryHandle(TopicStream stream, ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        while (true)
        {
            SignedBatch? batch;
            bool hasOutput;
            lock (_lock)
            {
                KeepUp();
                var length = _exchange.HandleBytes(stream.Link, bytes[taken..], Now, Wall);
                if (length < 0) { return false; }
                taken += length;
                batch = stream.Link.Unverified;
                hasOutput = _exchange.HasOutput;
            }
            if (hasOutput) { Flush(); }
            if (batch is null) { return true; }
            // Not under the lock: it takes longer than hundreds of messages do.
            if (!_exchange.IsSigned(batch)) { return false; }
            lock (_lock) { _exchange.HandleVerified(stream.Link, Now, Wall); }
        }
    }

    private static byte[] Grow(byte[] buffer, int filled)
    {
        // A frame that is larger than this fills the buffer again, which doubles then.
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(LargeRead, filled * 2));
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private static byte[] Shrink(byte[] buffer)
    {
        ArrayPool<byte>.Shared.Return(buffer);
        return ArrayPool<byte>.Shared.Rent(SmallRead);
    }
}
