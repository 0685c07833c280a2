using System.Buffers;

namespace Coco.Tunnels;

/// <summary>A buffer of the pool that grows while reads fill it and shrinks when they do not: many connections are idle, some are fast.</summary>
internal sealed class CopyBuffer : IDisposable
{
    // Chosen: what an idle connection holds each way, and where copies stop getting cheaper.
    private const int Smallest = 4 * 1024;
    private const int Largest = 128 * 1024;

    // Chosen: so many small reads in a row, so that a request and its answer do not make it grow and shrink.
    private const int Patience = 16;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Smallest);
    private int _small;

    public Memory<byte> Memory => _bytes;

    /// <summary>A read gave so many bytes.</summary>
    public void Fit(int count)
    {
        if (count == _bytes.Length && count < Largest) { Take(_bytes.Length * 4); }
        else if (count > _bytes.Length / 8 || _bytes.Length <= Smallest) { _small = 0; }
        else if (++_small == Patience) { Take(_bytes.Length / 4); }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref _bytes, []));

    private void Take(int length)
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = ArrayPool<byte>.Shared.Rent(Math.Clamp(length, Smallest, Largest));
        _small = 0;
    }
}
