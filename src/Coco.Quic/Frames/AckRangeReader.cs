using Coco.Quic.Packets;

namespace Coco.Quic.Frames;

/// <summary>
/// Walks the ranges of an ACK frame from the highest down (RFC 9000 §19.3.1), reading them from the packet as it goes.
/// </summary>
internal ref struct AckRangeReader(ulong largest, ulong firstRange, ulong count, ReadOnlySpan<byte> ranges)
{
    private SpanReader _reader = new(ranges);
    private ulong _remaining = count;
    private ulong _smallest = largest - firstRange;
    private bool _started;

    /// <summary>Whether a range went below packet number zero, or bytes ran out. Never so in a frame that was parsed.</summary>
    public bool IsMalformed { get; private set; } = firstRange > largest;

    /// <summary>Bytes of the ranges read so far.</summary>
    public readonly int Position => _reader.Position;

    public bool TryRead(out PacketNumberRange range)
    {
        range = default;
        if (IsMalformed) { return false; }
        if (!_started)
        {
            _started = true;
            range = new(_smallest, largest);
            return true;
        }
        if (_remaining == 0) { return false; }

        // A gap of 0 means one packet is missing: the next range ends 2 below the smallest of this one.
        if (!_reader.TryReadVarInt(out var gap)
            || !_reader.TryReadVarInt(out var length)
            || _smallest < gap + 2
            || _smallest - gap - 2 < length)
        {
            IsMalformed = true;
            return false;
        }

        _remaining--;
        var next = _smallest - gap - 2;
        _smallest = next - length;
        range = new(_smallest, next);
        return true;
    }
}
