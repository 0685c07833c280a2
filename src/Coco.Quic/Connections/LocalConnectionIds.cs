using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Quic.Connections;

/// <summary>The connection IDs that we gave the peer to reach us by (RFC 9000 §5.1.1).</summary>
internal sealed class LocalConnectionIds
{
    /// <summary>Our IDs are 8 bytes: enough that a stranger does not guess one among millions.</summary>
    public const int Length = 8;

    private readonly Entry[] _entries;
    private int _count;
    private ulong _nextSequence;

    public LocalConnectionIds(int limit) => _entries = new Entry[limit];

    public readonly record struct Entry(ulong Sequence, ConnectionId Id, bool Announced);

    public ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, _count);

    public ulong NextSequence => _nextSequence;

    public bool IsFull => _count == _entries.Length;

    public ConnectionId Issue(RandomSource random, bool announced)
    {
        var id = ConnectionId.Generate(random, Length);
        _entries[_count++] = new(_nextSequence++, id, announced);
        return id;
    }

    public bool TryTakeUnannounced(out Entry entry)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].Announced) { continue; }
            _entries[i] = _entries[i] with { Announced = true };
            entry = _entries[i];
            return true;
        }
        entry = default;
        return false;
    }

    /// <summary>The NEW_CONNECTION_ID frame was lost: say it again, unless the peer has retired the ID since.</summary>
    public void AnnounceAgain(ulong sequence)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].Sequence == sequence) { _entries[i] = _entries[i] with { Announced = false }; }
        }
    }

    public bool HasUnannounced
    {
        get
        {
            for (var i = 0; i < _count; i++)
            {
                if (!_entries[i].Announced) { return true; }
            }
            return false;
        }
    }

    public bool TryRetire(ulong sequence, out ConnectionId id)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].Sequence != sequence) { continue; }
            id = _entries[i].Id;
            _entries[i] = _entries[--_count];
            return true;
        }
        id = default;
        return false;
    }

    public bool TryFind(in ConnectionId id, out ulong sequence)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].Id != id) { continue; }
            sequence = _entries[i].Sequence;
            return true;
        }
        sequence = 0;
        return false;
    }
}
