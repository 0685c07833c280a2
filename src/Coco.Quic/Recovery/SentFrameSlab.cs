using System.Buffers;

namespace Coco.Quic.Recovery;

/// <summary>Chains of <see cref="SentFrame"/> in one borrowed array, given back when no chain is left.</summary>
internal sealed class SentFrameSlab
{
    private SentFrame[]? _frames;
    private int _free = -1; // first of the chain of free slots
    private int _used; // slots ever taken
    private int _count;

    /// <summary>Frames of packets whose fate is open.</summary>
    public int Count => _count;

    /// <summary>Puts a frame before the chain that starts at <paramref name="head"/> and returns the new head.</summary>
    public int Push(int head, in SentFrame frame)
    {
        int slot;
        if (_free >= 0)
        {
            slot = _free;
            _free = _frames![slot].Next;
        }
        else
        {
            slot = _used++;
            if (_frames is null || slot == _frames.Length) { Grow(); }
        }
        _count++;
        _frames![slot] = frame;
        _frames[slot].Next = head;
        return slot;
    }

    /// <summary>Takes the first frame off a chain and returns the rest, -1 when that was the last.</summary>
    public int Pop(int head, out SentFrame frame)
    {
        frame = _frames![head];
        _frames[head].Next = _free;
        _free = head;
        if (--_count == 0) { Release(); }
        return frame.Next;
    }

    public ref SentFrame Peek(int at) => ref _frames![at];

    public void Release()
    {
        if (_frames is not null) { ArrayPool<SentFrame>.Shared.Return(_frames); }
        (_frames, _free, _used, _count) = (null, -1, 0, 0);
    }

    private void Grow()
    {
        var larger = ArrayPool<SentFrame>.Shared.Rent(Math.Max(16, (_frames?.Length ?? 0) * 2));
        if (_frames is not null)
        {
            _frames.CopyTo(larger, 0);
            ArrayPool<SentFrame>.Shared.Return(_frames);
        }
        _frames = larger;
    }
}
