using System.Buffers;

namespace Coco.Topics.Core;

/// <summary>Bytes that wait for a stream; taken as they are, whole frames.</summary>
internal sealed class Outbox
{
    private const int FirstSize = 4096;

    private byte[] _bytes = [];
    private int _lastLength; // what comes next is likely to be as much: an array that grows to it is copied again and again

    public int Length { get; private set; }

    /// <summary>Room for so many bytes behind those that are there.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_bytes.Length - Length < length) { Grow(Length + length); }
        return _bytes.AsSpan(Length, length);
    }

    /// <summary>So many of the reserved bytes were written.</summary>
    public void Advance(int length) => Length += length;

    /// <summary>Hands over what is there, in an array of the pool that becomes the caller's.</summary>
    public ArraySegment<byte> Take()
    {
        var taken = new ArraySegment<byte>(_bytes, 0, Length);
        (_bytes, Length, _lastLength) = ([], 0, Length);
        return taken;
    }

    public void Clear()
    {
        if (_bytes.Length > 0) { ArrayPool<byte>.Shared.Return(_bytes); }
        (_bytes, Length) = ([], 0);
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(FirstSize, _lastLength), Math.Max(length, _bytes.Length * 2)));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        if (_bytes.Length > 0) { ArrayPool<byte>.Shared.Return(_bytes); }
        _bytes = larger;
    }
}
