namespace Coco.Quic.Recovery;

/// <summary>
/// The packet numbers received in one space, as descending ranges, newest first: what an ACK frame says (RFC 9000 §19.3.1) and what
/// tells a duplicate (§12.3). The newest range is held in place, so that a connection without loss owns no array.
/// </summary>
internal struct PacketNumberRanges
{
    private long _smallest;
    private long _largest;
    private Range[]? _older; // descending, below the newest range; _olderCount of them are used
    private int _olderCount;
    private long _floor; // numbers below are forgotten and count as received

    public readonly record struct Range(long Smallest, long Largest);

    public PacketNumberRanges() => (_smallest, _largest) = (0, -1);

    public readonly bool IsEmpty => _largest < 0;

    public readonly long Largest => _largest;

    public readonly int Count => IsEmpty ? 0 : _olderCount + 1;

    public readonly Range this[int index] => index == 0 ? new(_smallest, _largest) : _older![index - 1];

    public readonly bool Contains(long packetNumber)
    {
        if (packetNumber > _largest) { return false; }
        if (packetNumber >= _smallest || packetNumber < _floor) { return true; }
        for (var i = 0; i < _olderCount; i++)
        {
            if (packetNumber > _older![i].Largest) { return false; }
            if (packetNumber >= _older[i].Smallest) { return true; }
        }
        return false;
    }

    /// <summary>Adds a number that <see cref="Contains"/> denied. When <paramref name="maxRanges"/> is reached the oldest range is
    /// forgotten (RFC 9000 §13.2.3), and everything below it counts as received from then on.</summary>
    public void Add(long packetNumber, int maxRanges)
    {
        if (packetNumber == _largest + 1 && _largest >= 0) { _largest = packetNumber; return; }
        if (_largest < 0) { (_smallest, _largest) = (packetNumber, packetNumber); return; }
        if (packetNumber > _largest)
        {
            InsertOlder(0, new(_smallest, _largest), maxRanges);
            (_smallest, _largest) = (packetNumber, packetNumber);
            return;
        }
        AddBelow(packetNumber, maxRanges);
    }

    /// <summary>Forgets ranges that end at or below a number: the peer knows that we have them (RFC 9000 §13.2.4).</summary>
    public void ForgetUpTo(long packetNumber)
    {
        while (_olderCount > 0 && _older![_olderCount - 1].Largest <= packetNumber)
        {
            _floor = Math.Max(_floor, _older[_olderCount - 1].Largest + 1);
            _olderCount--;
        }
        if (_olderCount == 0) { _older = null; }
    }

    private void AddBelow(long packetNumber, int maxRanges)
    {
        if (packetNumber == _smallest - 1)
        {
            _smallest = packetNumber;
            if (_olderCount > 0 && _older![0].Largest == _smallest - 1)
            {
                _smallest = _older[0].Smallest;
                RemoveOlder(0);
            }
            return;
        }
        var at = 0;
        while (at < _olderCount && _older![at].Smallest > packetNumber + 1) { at++; }
        if (at == _olderCount || _older![at].Largest < packetNumber - 1) { InsertOlder(at, new(packetNumber, packetNumber), maxRanges); return; }

        var touched = _older[at];
        _older[at] = new(Math.Min(touched.Smallest, packetNumber), Math.Max(touched.Largest, packetNumber));
        if (at + 1 < _olderCount && _older[at + 1].Largest == _older[at].Smallest - 1)
        {
            _older[at] = new(_older[at + 1].Smallest, _older[at].Largest);
            RemoveOlder(at + 1);
        }
    }

    private void InsertOlder(int at, Range range, int maxRanges)
    {
        if (_olderCount >= maxRanges - 1)
        {
            if (at == _olderCount) { _floor = Math.Max(_floor, range.Largest + 1); return; }
            _olderCount--;
            _floor = Math.Max(_floor, _older![_olderCount].Largest + 1);
        }
        _older ??= new Range[8];
        if (_olderCount == _older.Length) { Array.Resize(ref _older, _older.Length * 2); }
        Array.Copy(_older, at, _older, at + 1, _olderCount - at);
        _older[at] = range;
        _olderCount++;
    }

    private void RemoveOlder(int at)
    {
        _olderCount--;
        Array.Copy(_older!, at + 1, _older!, at, _olderCount - at);
    }
}
