using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Messages;

/// <content>What this node keeps for others, where the network has it be a mailbox.</content>
internal sealed partial class MessageJournal
{
    private readonly SortedDictionary<ulong, KeptMessage> _kept = [];
    private readonly Dictionary<NodeId, SortedSet<ulong>> _keptFor = [];
    private readonly HashSet<(NodeId From, NodeId To, ulong Lineage, ulong Sequence)> _keptIds = [];
    private readonly Dictionary<NodeId, (int Count, long Bytes)> _keptOf = [];
    private readonly SortedSet<(long ExpiresMs, ulong Number)> _keptUntil = []; // looked at each second
    private ulong _nextKept = 1;
    private long _keptBytes;

    /// <summary>Keeps a message. False where there is no room for it.</summary>
    public bool TryKeep(NodeId from, NodeId to, ulong lineage, ulong sequence, long expiresMs, ReadOnlySpan<byte> box, out Task committed)
    {
        lock (_lock)
        {
            committed = Task.CompletedTask;
            ObjectDisposedException.ThrowIf(_isClosed, typeof(Node));
            if (_keptIds.Contains((from, to, lineage, sequence)))
            {
                committed = _log?.FlushAsync() ?? committed;
                return true;
            }
            var (count, bytes) = _keptOf.GetValueOrDefault(from);
            if (count >= _options.MailboxCountOfSender || bytes + box.Length > _options.MailboxBytesOfSender || _keptBytes + box.Length > _options.MailboxBytes) { return false; }
            expiresMs = Math.Min(expiresMs, NowMs + (long)_options.MailboxTime.TotalMilliseconds);
            var kept = new KeptMessage(_nextKept, from, to, lineage, sequence, expiresMs, box.Length) { Sealed = _log is null ? box.ToArray() : null };
            Span<byte> head = stackalloc byte[1 + (3 * VarInt.MaxLength) + (2 * NodeId.Size) + sizeof(ulong)];
            var writer = new SpanWriter(head);
            WriteKept(ref writer, kept);
            kept.LogNumber = Append(writer.Written, box, isNeeded: true, isUrgent: true, out committed);
            kept.RecordLength = writer.Position + box.Length;
            _nextKept++;
            Index(kept);
            return true;
        }
    }

    /// <summary>How many messages, of how many bytes together, a sender may leave here now.</summary>
    public (int Count, long Bytes) RoomFor(NodeId from)
    {
        lock (_lock)
        {
            var (count, bytes) = _keptOf.GetValueOrDefault(from);
            return (Math.Max(0, _options.MailboxCountOfSender - count), Math.Max(0, Math.Min(_options.MailboxBytesOfSender - bytes, _options.MailboxBytes - _keptBytes)));
        }
    }

    /// <summary>What is kept for a receiver, the oldest first.</summary>
    public KeptMessage[] KeptFor(NodeId to)
    {
        lock (_lock) { return _keptFor.TryGetValue(to, out var numbers) ? [.. numbers.Select(number => _kept[number])] : []; }
    }

    /// <summary>A kept message's bytes; null when it is kept no more.</summary>
    public byte[]? ReadKept(KeptMessage kept)
    {
        if (kept.Sealed is { } there) { return there; }
        lock (_lock)
        {
            if (!_kept.ContainsKey(kept.Number) || kept.LogNumber > CommittedThrough) { return null; }
        }
        return _log!.TryRead(kept.LogNumber) is { } record && record.Length >= kept.Length ? record[^kept.Length..] : null;
    }

    /// <summary>The receiver has it.</summary>
    public void Drop(NodeId to, ulong number)
    {
        lock (_lock)
        {
            if (_isClosed || !_kept.TryGetValue(number, out var kept) || kept.To != to) { return; }
            Drop(kept);
        }
    }

    /// <summary>A node was removed from the network: what is of it, or for it, is kept no more.</summary>
    public void DropOf(NodeId node)
    {
        lock (_lock)
        {
            if (_isClosed) { return; }
            foreach (var kept in _kept.Values.Where(kept => kept.From == node || kept.To == node).ToArray()) { Drop(kept); }
        }
    }

    private void ExpireKept()
    {
        var now = NowMs;
        while (_keptUntil.Count > 0 && _keptUntil.Min is var (expires, number) && expires <= now) { Drop(_kept[number]); }
    }

    private void Drop(KeptMessage kept)
    {
        Append(JournalRecordKind.Dropped, kept.Number, isUrgent: false);
        _log?.Release(kept.LogNumber, kept.RecordLength);
        Unindex(kept);
    }

    private void Append(JournalRecordKind kind, ulong value, bool isUrgent)
    {
        Span<byte> record = stackalloc byte[1 + VarInt.MaxLength];
        var writer = new SpanWriter(record);
        writer.WriteByte((byte)kind);
        writer.WriteVarInt(value);
        Append(writer.Written, default, isNeeded: false, isUrgent, out _);
    }

    private static void WriteKept(scoped ref SpanWriter writer, KeptMessage kept)
    {
        writer.WriteByte((byte)JournalRecordKind.Kept);
        writer.WriteVarInt(kept.Number);
        kept.From.CopyTo(writer.Reserve(NodeId.Size));
        kept.To.CopyTo(writer.Reserve(NodeId.Size));
        writer.WriteUInt64(kept.Lineage);
        writer.WriteVarInt(kept.Sequence);
        writer.WriteVarInt((ulong)kept.ExpiresMs);
    }

    private void ReplayKept(long logNumber, ref SpanReader reader, int recordLength)
    {
        if (!reader.TryReadVarInt(out var number) || !reader.TryReadBytes(NodeId.Size, out var from) || !reader.TryReadBytes(NodeId.Size, out var to)) { return; }
        if (!reader.TryReadUInt64(out var lineage) || !reader.TryReadVarInt(out var sequence) || !reader.TryReadVarInt(out var expires)) { return; }
        _nextKept = Math.Max(_nextKept, number + 1);
        if (_kept.TryGetValue(number, out var known)) { Unindex(known); }
        Index(new(number, NodeId.Read(from), NodeId.Read(to), lineage, sequence, (long)expires, reader.RemainingLength) { LogNumber = logNumber, RecordLength = recordLength });
    }

    private void ReplayDropped(ulong number)
    {
        if (_kept.TryGetValue(number, out var kept)) { Unindex(kept); }
    }

    private void TakeBackKept(long first)
    {
        foreach (var kept in _kept.Values.Where(kept => kept.LogNumber >= first).ToArray()) { Unindex(kept); }
    }

    private void Index(KeptMessage kept)
    {
        _kept.Add(kept.Number, kept);
        _keptUntil.Add((kept.ExpiresMs, kept.Number));
        if (!_keptFor.TryGetValue(kept.To, out var numbers)) { _keptFor[kept.To] = numbers = []; }
        numbers.Add(kept.Number);
        _keptIds.Add((kept.From, kept.To, kept.Lineage, kept.Sequence));
        var (count, bytes) = _keptOf.GetValueOrDefault(kept.From);
        _keptOf[kept.From] = (count + 1, bytes + kept.Length);
        _keptBytes += kept.Length;
    }

    private void Unindex(KeptMessage kept)
    {
        _kept.Remove(kept.Number);
        _keptUntil.Remove((kept.ExpiresMs, kept.Number));
        if (_keptFor.TryGetValue(kept.To, out var numbers) && numbers.Remove(kept.Number) && numbers.Count == 0) { _keptFor.Remove(kept.To); }
        _keptIds.Remove((kept.From, kept.To, kept.Lineage, kept.Sequence));
        var (count, bytes) = _keptOf.GetValueOrDefault(kept.From);
        if (count <= 1) { _keptOf.Remove(kept.From); }
        else { _keptOf[kept.From] = (count - 1, bytes - kept.Length); }
        _keptBytes -= kept.Length;
    }
}
