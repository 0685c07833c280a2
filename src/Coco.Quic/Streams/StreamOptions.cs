namespace Coco.Quic.Streams;

/// <summary>
/// The limits of one connection's streams. Windows and stream counts are also what our transport parameters say.
/// </summary>
public sealed record StreamOptions
{
    /// <summary>
    /// Bytes a peer may send on a new stream before we read, from 1 KiB to 1 GiB. Default 1 MiB: 80 Mb/s at 100 ms.
    /// </summary>
    public long InitialStreamWindow { get; init => field = InRange(value, 1 << 10, 1 << 30); } = 1 << 20;

    /// <summary>What a stream's window may grow to, from 1 KiB to 1 GiB. Default 16 MiB: 1.3 Gb/s at 100 ms.</summary>
    public long MaxStreamWindow { get; init => field = InRange(value, 1 << 10, 1 << 30); } = 16 << 20;

    /// <summary>
    /// Bytes a peer may send on all streams before we read, from 1 KiB to 1 GiB. Default 1.5 MiB: one full stream leaves room
    /// for others.
    /// </summary>
    public long InitialConnectionWindow { get; init => field = InRange(value, 1 << 10, 1 << 30); } = 3 << 19;

    /// <summary>What the connection's window, so its receive memory, may grow to, from 1 KiB to 1 GiB. Default 24 MiB.</summary>
    public long MaxConnectionWindow { get; init => field = InRange(value, 1 << 10, 1 << 30); } = 24 << 20;

    /// <summary>
    /// Bidirectional streams the peer may have open at once, from 0 to 65,536. Default 100, as RFC 9113 suggests for HTTP.
    /// </summary>
    public int MaxBidirectionalStreams { get; init => field = (int)InRange(value, 0, 1 << 16); } = 100;

    /// <summary>Unidirectional streams the peer may have open at once, from 0 to 65,536. Default 100.</summary>
    public int MaxUnidirectionalStreams { get; init => field = (int)InRange(value, 0, 1 << 16); } = 100;

    /// <summary>
    /// Bytes the connection takes from the application before they are acknowledged, at first; from 1 KiB to 1 GiB. Streams that hold
    /// any share it equally, with 16 KiB each at least. Default 1 MiB: what a processor's cache holds between write and send.
    /// </summary>
    public long SendBufferSize { get; init => field = InRange(value, 1 << 10, 1 << 30); } = 1 << 20;

    /// <summary>What that may grow to as the congestion window does, from 1 KiB to 1 GiB. Default 16 MiB.</summary>
    public long MaxSendBufferSize { get; init => field = InRange(value, 1 << 10, 1 << 30); } = 16 << 20;

    /// <summary>
    /// Gaps in received data, over all streams, from 16 to 1,048,576. Default 8,192: 128 KiB of bookkeeping, and three times what a
    /// full window of packets has at 30 % loss. Beyond it the connection closes with INTERNAL_ERROR.
    /// </summary>
    public int MaxReceiveRanges { get; init => field = (int)InRange(value, 16, 1 << 20); } = 8192;

    private static long InRange(long value, long min, long max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max);
        return value;
    }
}
