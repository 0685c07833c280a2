namespace Coco.Quic.Streams;

/// <summary>
/// What we let the peer send, on a stream or on the connection (RFC 9000 §4.1, §4.2): an offset that moves on as bytes are
/// consumed. The window doubles, up to its cap, while a reader empties half of it in less than two round trips: then the
/// window, not the reader, is what limits the sender.
/// </summary>
internal struct ReceiveWindow
{
    private const int GrowBelowRoundTrips = 2;

    private long _size;
    private long _maxSize;
    private long _updatedAt;
    private bool _wasUpdated;

    /// <summary>The offset the peer may send up to.</summary>
    public long Limit { get; private set; }

    /// <summary>Bytes the application has taken, or will never ask for.</summary>
    public long Consumed { get; private set; }

    public readonly long Size => _size;

    /// <summary>
    /// Half the window is used up. Sooner would send more frames for the same rate, later could stall the sender.
    /// </summary>
    public readonly bool IsUpdateDue => Limit - Consumed <= _size / 2;

    public void Start(long size, long maxSize)
    {
        this = default;
        _size = Limit = size;
        _maxSize = maxSize;
    }

    public void Consume(long count) => Consumed += count;

    /// <summary>Moves the limit on and returns it.</summary>
    public long Update(long now, long rtt)
    {
        if (_wasUpdated && now - _updatedAt < GrowBelowRoundTrips * rtt) { GrowTo(_size * 2); }
        _wasUpdated = true;
        _updatedAt = now;
        Limit = Math.Max(Limit, Consumed + _size);
        return Limit;
    }

    public void GrowTo(long size) => _size = Math.Max(_size, Math.Min(size, _maxSize));
}
