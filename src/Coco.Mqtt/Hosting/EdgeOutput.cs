using System.Buffers;
using System.IO.Pipelines;

namespace Coco.Mqtt.Hosting;

/// <summary>What is written for a client and was not taken by its socket yet, counted.</summary>
internal sealed class EdgeOutput : IBufferWriter<byte>
{
    // Chosen: what one call of the system sends at once of small packets.
    private const int SegmentSize = 32 * 1024;

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: SegmentSize, useSynchronizationContext: false));
    private long _backlog;

    public PipeReader Reader => _pipe.Reader;

    public long Backlog => Interlocked.Read(ref _backlog);

    public void Advance(int count)
    {
        _pipe.Writer.Advance(count);
        Interlocked.Add(ref _backlog, count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _pipe.Writer.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _pipe.Writer.GetSpan(sizeHint);

    /// <summary>Hands what was written to the reader. It never waits: how much there may be the broker sees to.</summary>
    public void Flush() => _ = _pipe.Writer.FlushAsync().AsTask();

    public void Complete() => _pipe.Writer.Complete();

    /// <summary>The socket has taken so much. Returns what is left.</summary>
    public long Sent(long count) => Interlocked.Add(ref _backlog, -count);
}
