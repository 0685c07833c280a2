using Coco.Quic.Packets;

namespace Coco.Quic.Connections;

/// <summary>The connection IDs that the peer gave us to reach it by (RFC 9000 §5.1.1, §5.1.2).</summary>
internal sealed class RemoteConnectionIds(int limit)
{
    private readonly List<Entry> _entries = new(2);
    private ulong _retirePriorTo;
    private ulong[] _retirements = []; // sequence numbers to announce as retired, and not yet announced
    private int _retirementCount;
    private ulong _seenBelow; // every sequence number below was received
    private ulong _seen; // bit i: so was _seenBelow + i

    public readonly record struct Entry(ulong Sequence, ConnectionId Id, StatelessResetToken ResetToken, bool HasToken, bool InUse);

    public bool HasRetirements => _retirementCount > 0;

    /// <summary>The first ID, which the peer chose in the handshake.</summary>
    public void SetInitial(in ConnectionId id)
    {
        _entries.Clear();
        _entries.Add(new(0, id, default, HasToken: false, InUse: true));
        (_seenBelow, _seen) = (1, 0);
    }

    public void SetInitialToken(in StatelessResetToken token)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            if (_entries[i].Sequence == 0) { _entries[i] = _entries[i] with { ResetToken = token, HasToken = true }; }
        }
    }

    public bool TryGet(ulong sequence, out Entry entry)
    {
        foreach (var candidate in _entries)
        {
            if (candidate.Sequence == sequence) { entry = candidate; return true; }
        }
        entry = default;
        return false;
    }

    /// <summary>Takes a spare ID into use, for a path of its own (RFC 9000 §9.5).</summary>
    public bool TryTakeSpare(out Entry entry)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            if (_entries[i].InUse || MustRetire(_entries[i].Sequence)) { continue; }
            _entries[i] = _entries[i] with { InUse = true };
            entry = _entries[i];
            return true;
        }
        entry = default;
        return false;
    }

    /// <summary>A NEW_CONNECTION_ID frame (RFC 9000 §19.15).</summary>
    public QuicErrorCode Add(ulong sequence, ulong retirePriorTo, in ConnectionId id, in StatelessResetToken token)
    {
        foreach (var entry in _entries)
        {
            if (entry.Sequence == sequence)
            {
                // §19.15: the same sequence number with another ID or token MAY be treated as PROTOCOL_VIOLATION.
                return entry.Id == id && SameToken(entry.ResetToken, token) ? QuicErrorCode.NoError : QuicErrorCode.ProtocolViolation;
            }
            if (entry.Id == id) { return QuicErrorCode.ProtocolViolation; }
        }
        // A frame sent again for an ID that was used and retired since: taken for new, it would lead to nowhere.
        if (!TryMarkSeen(sequence)) { return QuicErrorCode.NoError; }
        // §19.15: a sequence number below an earlier Retire Prior To is retired at once, unless that was already said.
        if (sequence < _retirePriorTo) { return QueueRetirement(sequence); }

        _entries.Add(new(sequence, id, token, HasToken: true, InUse: false));
        if (retirePriorTo > _retirePriorTo) { _retirePriorTo = retirePriorTo; }

        // §5.1.1: after retiring what the frame asks for, more IDs than we offered to hold is CONNECTION_ID_LIMIT_ERROR.
        var active = 0;
        foreach (var entry in _entries) { active += entry.Sequence >= _retirePriorTo ? 1 : 0; }
        return active > limit ? QuicErrorCode.ConnectionIdLimitError : QuicErrorCode.NoError;
    }

    /// <summary>Whether the peer wants this ID no longer used.</summary>
    public bool MustRetire(ulong sequence) => sequence < _retirePriorTo;

    /// <summary>Drops spare IDs that the peer wants back.</summary>
    public QuicErrorCode RetireUnusedPrior()
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].InUse || _entries[i].Sequence >= _retirePriorTo) { continue; }
            var error = QueueRetirement(_entries[i].Sequence);
            if (error != QuicErrorCode.NoError) { return error; }
            _entries.RemoveAt(i);
        }
        return QuicErrorCode.NoError;
    }

    /// <summary>An ID is no longer used by any path.</summary>
    public QuicErrorCode Retire(ulong sequence)
    {
        _entries.RemoveAll(entry => entry.Sequence == sequence);
        return QueueRetirement(sequence);
    }

    public bool TryTakeRetirement(out ulong sequence)
    {
        sequence = 0;
        if (_retirementCount == 0) { return false; }
        sequence = _retirements[--_retirementCount];
        return true;
    }

    /// <summary>Announces again what was lost.</summary>
    public void RetireAgain(ulong sequence) => _ = QueueRetirement(sequence);

    // RFC 9000 §5.1.1: numbers increase by one, so only loss and reordering leave gaps, as many as IDs may be active at most.
    private bool TryMarkSeen(ulong sequence)
    {
        if (sequence < _seenBelow) { return false; }
        if (sequence - _seenBelow >= 64)
        {
            var shift = sequence - _seenBelow - 63;
            _seenBelow += shift;
            _seen = shift >= 64 ? 0 : _seen >> (int)shift;
        }
        var bit = 1UL << (int)(sequence - _seenBelow);
        if ((_seen & bit) != 0) { return false; }
        _seen |= bit;
        while ((_seen & 1) != 0) { (_seenBelow, _seen) = (_seenBelow + 1, _seen >> 1); }
        return true;
    }

    private QuicErrorCode QueueRetirement(ulong sequence)
    {
        // RFC 9000 §5.1.2: retirements that the peer does not acknowledge SHOULD be limited; it pushes us there by issuing and
        // retiring without end.
        if (_retirementCount >= limit * 8) { return QuicErrorCode.ConnectionIdLimitError; }
        if (_retirementCount == _retirements.Length) { Array.Resize(ref _retirements, Math.Max(4, _retirements.Length * 2)); }
        _retirements[_retirementCount++] = sequence;
        return QuicErrorCode.NoError;
    }

    private static bool SameToken(in StatelessResetToken left, in StatelessResetToken right)
    {
        Span<byte> bytes = stackalloc byte[StatelessResetToken.Length];
        right.CopyTo(bytes);
        return left.Matches(bytes);
    }
}
