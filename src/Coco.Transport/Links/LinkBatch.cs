using System.Buffers;

namespace Coco.Transport.Links;

/// <summary>Datagrams that one read brought, in a pooled buffer that belongs to whoever handles them, until disposed of.</summary>
internal sealed class LinkBatch : IDisposable
{
    /// <summary>Bytes of the buffer; twice that where one of the largest frames, of 2 + 65,535 bytes, has to fit.</summary>
    public const int BufferSize = 64 << 10;

    // Chosen: a peer that varies its sizes to make many runs gets more and smaller batches instead.
    private const int MaxRuns = 256;

    private readonly BatchPool _pool;
    private LinkRun[] _runs = new LinkRun[4];
    private byte[]? _buffer;
    private int _runCount;

    internal LinkBatch(BatchPool pool) => _pool = pool;

    /// <summary>The datagrams, run by run.</summary>
    public ReadOnlySpan<LinkRun> Runs => _runs.AsSpan(0, _runCount);

    /// <summary>How many datagrams there are.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of all datagrams.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes of a run, which may be changed in place.</summary>
    public Span<byte> this[in LinkRun run] => Buffer.AsSpan(run.Offset, run.Length);

    internal byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(LinkBatch));

    internal bool HasRoomForRun => _runCount < MaxRuns;

    /// <summary>Gives the buffer back, once: afterwards the batch may already be filled again.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is not { } buffer) { return; }
        ArrayPool<byte>.Shared.Return(buffer);
        _pool.Return(this);
    }

    internal void Start(int size)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(size);
        (_runCount, Count, Length) = (0, 0, 0);
    }

    /// <summary>Notes that the next bytes of the buffer are one more datagram.</summary>
    internal void Append(int length)
    {
        Count++;
        Length += length;
        if (_runCount > 0)
        {
            ref var last = ref _runs[_runCount - 1];
            // A datagram shorter than the others is the last of its run.
            if (last.Length % last.SegmentSize == 0 && length <= last.SegmentSize)
            {
                last = last with { Length = last.Length + length };
                return;
            }
        }
        if (_runCount == _runs.Length) { Array.Resize(ref _runs, Math.Min(2 * _runCount, MaxRuns)); }
        _runs[_runCount++] = new(Length - length, length, length);
    }
}
