using System.Numerics;

namespace Coco.Quic.Streams;

/// <summary>
/// The bytes of a moving window of a stream, in pooled blocks at fixed places: block <c>n</c> holds the offsets from
/// <c>n × BlockSize</c> and stands in slot <c>n mod capacity</c>. Blocks are rented when first written, so holes cost a slot only.
/// </summary>
internal struct BlockRing
{
    private byte[]?[]? _slots;

    /// <summary>
    /// Stores bytes at an offset. The caller has checked them against its window, which also bounds the ring; windowStart is the
    /// lowest offset whose block is still held.
    /// </summary>
    public void Write(long windowStart, long offset, ReadOnlySpan<byte> data, StreamPool pool)
    {
        while (!data.IsEmpty)
        {
            var room = GetSpan(windowStart, offset, pool);
            var count = Math.Min(room.Length, data.Length);
            data[..count].CopyTo(room);
            data = data[count..];
            offset += count;
        }
    }

    /// <summary>The rest of the block at an offset, to be written; rents the block when it is not there.</summary>
    public Span<byte> GetSpan(long windowStart, long offset, StreamPool pool)
    {
        var block = offset >> StreamPool.BlockShift;
        if (_slots is null || block - (windowStart >> StreamPool.BlockShift) >= _slots.Length) { Grow(windowStart, block); }

        ref var slot = ref _slots![(int)block & (_slots.Length - 1)];
        slot ??= pool.RentBlock();
        return slot.AsSpan((int)offset & StreamPool.BlockMask);
    }

    /// <summary>The rest of a block that is known to be held.</summary>
    public readonly ReadOnlySpan<byte> Peek(long offset) =>
        _slots![(int)(offset >> StreamPool.BlockShift) & (_slots.Length - 1)].AsSpan((int)offset & StreamPool.BlockMask);

    public readonly void CopyTo(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var source = Peek(offset);
            var count = Math.Min(source.Length, destination.Length);
            source[..count].CopyTo(destination);
            destination = destination[count..];
            offset += count;
        }
    }

    /// <summary>Gives back the blocks that lie wholly between two offsets, the first included from its block's start.</summary>
    public readonly void Release(long start, long end, StreamPool pool)
    {
        var last = end >> StreamPool.BlockShift;
        for (var block = start >> StreamPool.BlockShift; block < last; block++)
        {
            ref var slot = ref _slots![(int)block & (_slots.Length - 1)];
            if (slot is not null)
            {
                pool.ReturnBlock(slot);
                slot = null;
            }
        }
    }

    /// <summary>Gives back every block; the slots are kept for the next use.</summary>
    public readonly void ReleaseAll(StreamPool pool)
    {
        foreach (ref var slot in _slots.AsSpan())
        {
            if (slot is not null)
            {
                pool.ReturnBlock(slot);
                slot = null;
            }
        }
    }

    /// <summary>
    /// Forgets the slots when they have grown past what a reused stream should keep. Blocks were released before.
    /// </summary>
    public void Trim()
    {
        const int kept = 64;
        if (_slots?.Length > kept) { _slots = null; }
    }

    private void Grow(long windowStart, long block)
    {
        var first = windowStart >> StreamPool.BlockShift;
        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, block - first + 1));
        var grown = new byte[]?[capacity];
        for (var i = 0; i < (_slots?.Length ?? 0); i++)
        {
            grown[(int)(first + i) & (capacity - 1)] = _slots![(int)(first + i) & (_slots.Length - 1)];
        }
        _slots = grown;
    }
}
