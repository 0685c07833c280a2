using System.Buffers;
using System.Buffers.Binary;

namespace Coco.Transport.Links;

/// <summary>
/// Datagrams on their way out, each behind its length as on the wire of a TCP link: one buffer is filled while the other is sent, so
/// that all that came meanwhile leaves in one call. A busy link keeps its two buffers, an idle one holds none.
/// </summary>
internal sealed class OutgoingQueue(int capacity, int fullMark)
{
    private const int FirstSize = 4 << 10; // chosen: a few packets; grows by doubling

    private readonly Lock _gate = new(); // guards all below; nothing is called while it is held
    private byte[]? _filling;
    private byte[]? _sending;
    private byte[]? _spare; // between the end of one call and the begin of the next
    private int _filled;
    private int _count;
    private int _inFlight;
    private bool _completed;
    private bool _isFull;

    /// <summary>Set when there is something to take.</summary>
    public AsyncSignal Ready { get; } = new();

    /// <summary>Bytes that wait or are being sent, lengths included.</summary>
    public int Bytes => Volatile.Read(ref _filled) + Volatile.Read(ref _inFlight);

    /// <summary>Takes as many datagrams from the front as there is room for, and answers how many it did not take.</summary>
    public int Add(ReadOnlySpan<byte> datagrams, int segmentSize) => Add(datagrams, segmentSize, capacity, out _);

    /// <summary>The same below a limit of its own.</summary>
    /// <param name="datagrams">The datagrams.</param>
    /// <param name="segmentSize">Bytes of each but the last.</param>
    /// <param name="limit">Bytes that may wait or be on their way then.</param>
    /// <param name="isFull">Whether no more should come; the next <see cref="TryTake"/> says when it may again.</param>
    public int Add(ReadOnlySpan<byte> datagrams, int segmentSize, int limit, out bool isFull)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segmentSize);
        var added = 0;
        lock (_gate)
        {
            if (!_completed) { MakeRoom(datagrams, segmentSize, limit); }
            while (added < datagrams.Length && TryAppend(datagrams.Slice(added, Math.Min(segmentSize, datagrams.Length - added)), limit))
            {
                added += Math.Min(segmentSize, datagrams.Length - added);
            }
            isFull = _isFull = !_completed && _filled >= fullMark;
        }
        if (added > 0) { Ready.Set(); }
        return (datagrams.Length - added + segmentSize - 1) / segmentSize;
    }

    /// <summary>Takes all that waits; the buffer is valid until <see cref="Sent"/>.</summary>
    /// <param name="frames">The datagrams, each behind its length.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="wasFull">Whether who adds was told to wait until now.</param>
    public bool TryTake(out ReadOnlyMemory<byte> frames, out int count, out bool wasFull)
    {
        lock (_gate)
        {
            wasFull = _isFull;
            _isFull = false;
            (frames, count) = (_filling.AsMemory(0, _filled), _count);
            if (_filled == 0) { return false; }
            (_sending, _inFlight) = (_filling, _filled);
            (_filling, _spare, _filled, _count) = (_spare, null, 0, 0);
            return true;
        }
    }

    /// <summary>What was taken last has left, or never will.</summary>
    public void Sent()
    {
        lock (_gate)
        {
            if (_filled > 0) { _spare = _sending; } // more has come: the pool would have to find such buffers again and again
            else
            {
                ArrayPool<byte>.Shared.Return(_sending!);
                Release(ref _filling);
            }
            (_sending, _inFlight) = (null, 0);
        }
    }

    /// <summary>Takes nothing from now on, and forgets what waits.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            Release(ref _filling);
            Release(ref _spare);
            (_filled, _count) = (0, 0);
        }
    }

    private static void Release(ref byte[]? buffer)
    {
        if (buffer is not null) { ArrayPool<byte>.Shared.Return(buffer); }
        buffer = null;
    }

    private bool TryAppend(ReadOnlySpan<byte> datagram, int limit)
    {
        var needed = _filled + TcpFraming.LengthSize + datagram.Length;
        if (_completed || datagram.Length > TcpFraming.MaxDatagram || needed + _inFlight > limit) { return false; }
        BinaryPrimitives.WriteUInt16BigEndian(_filling.AsSpan(_filled), (ushort)datagram.Length);
        datagram.CopyTo(_filling.AsSpan(_filled + TcpFraming.LengthSize));
        _filled = needed;
        _count++;
        return true;
    }

    // For a whole batch at once: growing step by step would copy it several times.
    private void MakeRoom(ReadOnlySpan<byte> datagrams, int segmentSize, int limit)
    {
        var count = (datagrams.Length + segmentSize - 1) / segmentSize;
        var needed = (int)Math.Min(_filled + datagrams.Length + ((long)count * TcpFraming.LengthSize), limit - _inFlight);
        if (needed > _filled && (_filling is null || needed > _filling.Length)) { Grow(needed); }
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstSize, Math.Min(2 * _filled, capacity))));
        if (_filling is not null)
        {
            _filling.AsSpan(0, _filled).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_filling);
        }
        _filling = larger;
    }
}
